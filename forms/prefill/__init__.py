"""What is known before anybody types: sources are asked in batches, the most believable wins."""
