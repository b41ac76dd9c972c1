"""Rules that a sheet prints or reckons by, as formulas and checks over its items."""
