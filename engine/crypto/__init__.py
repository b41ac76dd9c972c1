"""Secrets in one room with one door: sealing of values, blind indexes, hashes."""
