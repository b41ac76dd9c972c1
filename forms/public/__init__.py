"""What of ledgers and reports is made public: open data, 公示, each decided by two people."""
