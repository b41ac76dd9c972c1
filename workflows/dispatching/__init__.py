"""Sending a report out and tracking it: whom, when, how far, urging, making, exporting."""
