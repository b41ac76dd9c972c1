"""Working days and working hours: the national calendar as data, and counting with it. Pure."""
