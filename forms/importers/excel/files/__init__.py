"""Files of every kind as one grid of cells: opened within limits, never run, never followed."""
