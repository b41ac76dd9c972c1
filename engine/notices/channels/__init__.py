"""Ways out of the house for notices, one a file; a module registers its channel when it is imported."""
