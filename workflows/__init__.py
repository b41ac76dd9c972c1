"""Flows, tasks, dispatches: who does what next, and how far everybody is."""
