"""Fields, subjects and code lists: what the facts are that everybody shares."""
