"""A case knows which case started it below itself; clocks are found by their time."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("flow_case", sa.Column("parent_id", sa.String(), nullable=True))
    op.add_column(
        "flow_case", sa.Column("parent_key", sa.String(), nullable=False, server_default="")
    )
    op.create_index("ix_flow_case_parent_id", "flow_case", ["parent_id"])
    op.create_index("flow_timer_at", "flow_timer", ["at"])


def downgrade() -> None:
    op.drop_index("flow_timer_at", table_name="flow_timer")
    op.drop_index("ix_flow_case_parent_id", table_name="flow_case")
    op.drop_column("flow_case", "parent_key")
    op.drop_column("flow_case", "parent_id")
