"""Indexes in the order of the to-do list, and one of what somebody did last."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PLACE = ["organisation_code", "role", "account_id", "status", "returned", "due_at", "id"]
PERSON = ["account_id", "status", "returned", "due_at", "id"]


def upgrade() -> None:
    """Longer indexes in place of the short ones."""
    op.drop_index("task_of_place", "task")
    op.drop_index("task_of_person", "task")
    op.create_index("task_of_place", "task", PLACE)
    op.create_index("task_of_person", "task", PERSON)
    op.create_index("task_closed_by", "task", ["closed_by", "closed_at"])


def downgrade() -> None:
    """The short ones again."""
    op.drop_index("task_closed_by", "task")
    op.drop_index("task_of_person", "task")
    op.drop_index("task_of_place", "task")
    op.create_index("task_of_place", "task", ["organisation_code", "role", "status", "due_at"])
    op.create_index("task_of_person", "task", ["account_id", "status", "due_at"])
