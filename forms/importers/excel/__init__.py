"""A department's sheet: reading it safely, recognising what stands on it, proposing a form."""
