"""Dispatches to thousands: due dates and marks of single units, cadences, groups, indexes of progress."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns, tables and the indexes that the progress of a dispatch is read from."""
    op.add_column("document", sa.Column("due_at", columns.MOMENT, nullable=True))
    for name in ("mark", "mark_reason"):
        op.add_column("document", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.drop_index("ix_document_dispatch_id", "document")
    op.create_index(
        "document_of_dispatch",
        "document",
        [
            "dispatch_id",
            "organisation_path",
            "status",
            "mark",
            "due_at",
            "submitted_at",
            "organisation_code",
            "id",
        ],
    )
    op.drop_index("ix_task_dispatch_id", "task")
    op.create_index(
        "task_of_dispatch", "task", ["dispatch_id", "status", "document_id", "kind", "returned"]
    )
    op.add_column(
        "dispatch", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("dispatch", sa.Column("reason", sa.String(), nullable=False, server_default=""))
    op.add_column("dispatch", sa.Column("cadence_id", sa.String(), nullable=True))
    op.add_column("dispatch", sa.Column("due_by_level", columns.JsonText(), nullable=True))
    op.add_column("dispatch", sa.Column("archive", columns.JsonText(), nullable=True))
    op.create_table(
        "dispatch_cadence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("form_code", columns.CODE, nullable=False),
        sa.Column("owner", columns.CODE, nullable=False),
        sa.Column("targets", columns.JsonText(), nullable=False),
        sa.Column("deadline", columns.JsonText(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("next_period", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("created_at", columns.MOMENT, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_dispatch_cadence_owner", "dispatch_cadence", ["owner"])
    op.create_table(
        "organisation_group",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("owner", columns.CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("members", columns.JsonText(), nullable=False),
        sa.Column("changed_at", columns.MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_organisation_group_owner", "organisation_group", ["owner"])


def downgrade() -> None:
    """Take them back; marks and due dates of single units are lost."""
    op.drop_table("organisation_group")
    op.drop_table("dispatch_cadence")
    for name in ("archive", "due_by_level", "cadence_id", "reason", "urgent"):
        op.drop_column("dispatch", name)
    op.drop_index("task_of_dispatch", "task")
    op.create_index("ix_task_dispatch_id", "task", ["dispatch_id"])
    op.drop_index("document_of_dispatch", "document")
    op.create_index("ix_document_dispatch_id", "document", ["dispatch_id"])
    for name in ("mark_reason", "mark", "due_at"):
        op.drop_column("document", name)
