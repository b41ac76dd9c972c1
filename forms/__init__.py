"""The form dialect, its compiler, checks, prefill and importers."""
