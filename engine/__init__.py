"""What the rest stands on: dictionary, registers, formula, identity, access, audit, storage."""
