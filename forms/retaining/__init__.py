"""What goes when its period is over: of documents, fields, ledgers and disputes."""
