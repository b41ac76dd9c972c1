"""Who does a step: one rule a file, each found by name in `finding.py`."""
