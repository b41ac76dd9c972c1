"""The trail: append-only, each entry chained to the one before."""
