"""Databases: connections, the writer, column types, run-time typed tables, history."""
