"""A ledger is a lens on a register: members and columns; only what is local to it has a table of its own."""
