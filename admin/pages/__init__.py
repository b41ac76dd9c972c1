"""Pages, one module a part of the work; each parses, calls one command, renders."""
