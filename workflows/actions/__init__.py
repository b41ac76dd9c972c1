"""One file per action: what it demands, and what it changes. Pure; `machine.py` calls them."""
