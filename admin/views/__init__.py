"""From records to what templates and renderers show: plain functions, no request, no query."""
