"""Any JSON Schema 2020-12 as a form of ours; what has no widget is named."""
