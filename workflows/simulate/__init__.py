"""Trying a flow out: a script of actions with people and a clock of its own, on the pure core."""
