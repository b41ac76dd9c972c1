"""Measurements with their floors in the same run; `yibiao bench` prints them."""
