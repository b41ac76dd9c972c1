"""What people are told on their pages: written with its cause, read once by each."""
