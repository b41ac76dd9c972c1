"""Forms from what people already have: a sheet, an XLSForm, a JSON Schema."""
