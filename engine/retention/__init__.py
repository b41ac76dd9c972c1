"""Retention periods 留存期限: how long what is kept, what falls due, and its deletion by two people."""
