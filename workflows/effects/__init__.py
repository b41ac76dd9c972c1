"""What the machine asks for, carried out: one file per kind of effect. `perform.py` calls them."""
