"""A copy of an installation for training and testing, in which nobody real is left."""
