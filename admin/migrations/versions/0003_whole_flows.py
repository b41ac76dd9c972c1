"""Flows made whole: clocks, incidents, candidates, copies; who is away; a case has its title and date."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("deputy_id", sa.String(), nullable=True),
        sa.Column("has_left", sa.Boolean(), nullable=False),
        sa.Column("starts_at", columns.CODE, nullable=False),
        sa.Column("ends_at", columns.CODE, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_absence_account_id", "absence", ["account_id"])
    op.create_index("ix_absence_deputy_id", "absence", ["deputy_id"])
    op.create_table(
        "flow_timer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("seconds_left", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("flow_timer_of", "flow_timer", ["case_id", "key"])
    op.create_table(
        "flow_incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("owner", columns.CODE, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("subject_code", columns.CODE, nullable=False),
        sa.Column("opened_at", columns.CODE, nullable=False),
        sa.Column("solved_at", columns.CODE, nullable=True),
        sa.Column("solved_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_flow_incident_case_id", "flow_incident", ["case_id"])
    op.create_index("flow_incident_open", "flow_incident", ["owner", "solved_at", "opened_at"])
    op.create_table(
        "task_candidate",
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "account_id"),
    )
    op.create_index("ix_task_candidate_account_id", "task_candidate", ["account_id"])
    op.create_table(
        "flow_copy",
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("copied_at", columns.CODE, nullable=False),
        sa.Column("copied_by", sa.String(), nullable=False),
        sa.Column("read_at", columns.CODE, nullable=True),
        sa.PrimaryKeyConstraint("case_id", "account_id"),
    )
    op.create_index("ix_flow_copy_account_id", "flow_copy", ["account_id"])
    op.add_column("flow_case", sa.Column("title", sa.String(), nullable=False, server_default=""))
    op.add_column("flow_case", sa.Column("due_at", columns.CODE, nullable=True))
    op.add_column("task", sa.Column("closed_for", sa.String(), nullable=False, server_default=""))
    op.execute(
        "UPDATE flow_case SET"
        " title = coalesce((SELECT min(title) FROM task WHERE task.case_id = flow_case.id), ''),"
        " due_at = (SELECT min(due_at) FROM task WHERE task.case_id = flow_case.id)"
    )


def downgrade() -> None:
    op.drop_column("task", "closed_for")
    op.drop_column("flow_case", "due_at")
    op.drop_column("flow_case", "title")
    for table in ("flow_copy", "task_candidate", "flow_incident", "flow_timer", "absence"):
        op.drop_table(table)
