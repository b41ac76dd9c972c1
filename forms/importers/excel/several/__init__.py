"""Workbooks of several sheets: what each of them is, and one form made of those that belong together."""
