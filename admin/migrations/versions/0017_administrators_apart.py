"""Nobody holds two of the three administrators' roles at a time: the database refuses it."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ROLES = "('system', 'security', 'auditor')"
HELD = (
    "SELECT 1 FROM position AS held WHERE held.account_id = NEW.account_id"  # noqa: S608 - of constants
    f" AND held.id <> NEW.id AND held.role <> NEW.role AND held.role IN {ROLES}"
    " AND (held.valid_to IS NULL OR held.valid_to > NEW.valid_from)"
    " AND (NEW.valid_to IS NULL OR NEW.valid_to > held.valid_from)"
)
EVENTS = ("INSERT", "UPDATE")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION yibiao_administrators_apart() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$BEGIN IF NEW.role IN {ROLES} AND EXISTS ({HELD}) THEN"
            " RAISE EXCEPTION 'administrators apart' USING ERRCODE = '23514';"
            " END IF; RETURN NEW; END$$"
        )
        op.execute(
            "CREATE TRIGGER position_apart BEFORE INSERT OR UPDATE ON position"
            " FOR EACH ROW EXECUTE FUNCTION yibiao_administrators_apart()"
        )
        return
    for event in EVENTS:
        op.execute(
            f"CREATE TRIGGER position_apart_{event.lower()} BEFORE {event} ON position"
            f" WHEN NEW.role IN {ROLES} AND EXISTS ({HELD})"
            " BEGIN SELECT RAISE(ABORT, 'administrators apart'); END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER position_apart ON position")
        op.execute("DROP FUNCTION yibiao_administrators_apart()")
        return
    for event in EVENTS:
        op.execute(f"DROP TRIGGER position_apart_{event.lower()}")
