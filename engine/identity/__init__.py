"""People, organisations and divisions with validity; accounts, positions, sessions."""
