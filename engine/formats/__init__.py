"""Semantic types of text: one file each, with its check, normal form, mask and what it tells."""
