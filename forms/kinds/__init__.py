"""What kinds of forms do beyond being filled; one file a kind."""
