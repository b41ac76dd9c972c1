"""Figures of what really happened, by organisation and month: one indicator, one file."""
