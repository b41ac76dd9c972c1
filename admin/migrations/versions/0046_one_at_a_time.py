"""What two may do at the same time comes one after the other: grants to an account, slips for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

ROLES = "('system', 'security', 'auditor')"
HELD = (
    "SELECT 1 FROM position AS held WHERE held.account_id = NEW.account_id"  # noqa: S608 - of constants
    f" AND held.id <> NEW.id AND held.role <> NEW.role AND held.role IN {ROLES}"
    " AND (held.valid_to IS NULL OR held.valid_to > NEW.valid_from)"
    " AND (NEW.valid_to IS NULL OR NEW.valid_to > held.valid_from)"
)
TURN = "PERFORM 1 FROM account WHERE id = NEW.account_id FOR UPDATE;"
INDEX, OPEN = "resident_visit_one", sa.text("ended_at IS NULL")
NEWER = (
    "SELECT 1 FROM resident_visit AS newer WHERE newer.subject_id = resident_visit.subject_id"
    " AND newer.ended_at IS NULL AND newer.id > resident_visit.id"
)


def upgrade() -> None:
    _guard(TURN)
    op.execute(
        "UPDATE resident_visit SET ended_at = until, ended_how = 'replaced'"  # noqa: S608 - of constants
        f" WHERE ended_at IS NULL AND EXISTS ({NEWER})"
    )
    op.create_index(
        INDEX, "resident_visit", ["subject_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index(INDEX, "resident_visit")
    _guard("")


def _guard(turn: str) -> None:
    """SQLite writes one at a time anyway."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION yibiao_administrators_apart() RETURNS trigger"
            f" LANGUAGE plpgsql AS $$BEGIN IF NEW.role IN {ROLES} THEN {turn}"
            f" IF EXISTS ({HELD}) THEN"
            " RAISE EXCEPTION 'administrators apart' USING ERRCODE = '23514';"
            " END IF; END IF; RETURN NEW; END$$"
        )
