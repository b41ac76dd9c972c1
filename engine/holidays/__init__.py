"""The calendar in force: the shipped years and an administrator's own, kept in the database."""
