"""Numbers of cases, and what counts them."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, its index and the counters."""
    op.add_column("flow_case", sa.Column("number", sa.String()))
    op.create_index("flow_case_number", "flow_case", ["number"], unique=True)
    op.create_table(
        "case_counter",
        sa.Column("counter", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("counter"),
    )


def downgrade() -> None:
    """Take them back."""
    op.drop_table("case_counter")
    op.drop_index("flow_case_number", table_name="flow_case")
    op.drop_column("flow_case", "number")
