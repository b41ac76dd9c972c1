"""Formulas of a form at work: relations that must hold (审核关系) and cells that compute themselves."""
