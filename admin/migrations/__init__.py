"""Alembic migrations of the fixed tables; register tables follow the dictionary (engine/registers)."""
