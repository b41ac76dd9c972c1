"""One file per source of known values; each answers for many organisations at once."""
