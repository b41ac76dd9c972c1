"""The formula language: one meaning in a document, in the browser and in SQL. Reference: docs/reference/formula.md."""
