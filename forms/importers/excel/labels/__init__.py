"""Which cells are labels: the words that give them away, the most likely reading of all rows, and what
stands around a table.
"""
