"""Tables and cards out of labels: their bands, columns and rows, their kind, and the items in them."""
