"""Words of registers to be found: what is due to be read, and of which registers there is an index."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

NOTES = (
    (
        "CREATE FUNCTION yibiao_words_new() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " INSERT INTO words_due (subject, subject_id) SELECT TG_ARGV[0], id FROM fresh; RETURN NULL; END$$"
    ),
    (
        "CREATE FUNCTION yibiao_words_due() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
        " INSERT INTO words_due (subject, subject_id) VALUES (TG_ARGV[0], OLD.id);"
        " IF TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN"
        " INSERT INTO words_due (subject, subject_id) VALUES (TG_ARGV[0], NEW.id); END IF;"
        " RETURN NULL; END$$"
    ),
)


def upgrade() -> None:
    """Add the tables; the job makes the index of each register, and keeps it."""
    op.create_table(
        "words_due",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", columns.CODE, nullable=False),
        sa.Column("subject_id", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("words_due_of", "words_due", ["subject", "subject_id"])
    op.create_table(
        "words_index",
        sa.Column("subject", columns.CODE, nullable=False),
        sa.Column("columns", columns.JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in NOTES:
            op.execute(statement)


def downgrade() -> None:
    """Take them back, and every index with its triggers first: they write to the tables."""
    connection = op.get_bind()
    postgres = connection.dialect.name == "postgresql"
    subjects = connection.execute(sa.text("SELECT subject FROM words_index")).scalars().all()
    for subject in subjects:
        for event in ("new", "changed", "gone"):
            on = f" ON reg_{subject}" if postgres else ""
            op.execute(f"DROP TRIGGER words_{event}_{subject}{on}")
        if not postgres:
            op.execute(f"DROP TABLE pairs_{subject}")
        op.execute(f"DROP TABLE words_{subject}")
    if postgres:
        op.execute("DROP FUNCTION yibiao_words_due()")
        op.execute("DROP FUNCTION yibiao_words_new()")
    op.drop_table("words_index")
    op.drop_index("words_due_of", "words_due")
    op.drop_table("words_due")
