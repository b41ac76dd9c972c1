"""What people do beyond filling in, passing and returning: one file a command, each one transaction."""
