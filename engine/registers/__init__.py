"""One row per real person, household, enterprise …, and for each value where it came from."""
