"""Alerts: rules over the trail, declared and not written in code, and what became of what they found."""
