"""A document of plain values in; a page, PDF, workbook or QR code out."""
