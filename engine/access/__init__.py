"""May they: one table of duties by role, asked by pages, API, exports and commands alike."""
