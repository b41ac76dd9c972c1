"""The first fixed tables: identity, dictionary, origins, history, audit, jobs, forms, flows."""

import sqlalchemy as sa
from alembic import op

from engine.storage import columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", columns.CODE, nullable=True),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("login"),
    )
    op.create_table(
        "audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("detail", columns.JsonText(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index(op.f("ix_audit_action"), "audit", ["action"], unique=False)
    op.create_index(op.f("ix_audit_actor_id"), "audit", ["actor_id"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_target"), "audit", ["target"], unique=False)
    op.create_table(
        "audit_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("broken_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "blob",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "cell_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("before", columns.JsonText(), nullable=True),
        sa.Column("after", columns.JsonText(), nullable=True),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("cell_change_of", "cell_change", ["document_id", "revision"], unique=False)
    op.create_table(
        "dictionary_codelist",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.Column("changed_at", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "dictionary_field",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.Column("changed_at", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("code", "version"),
    )
    op.create_index(
        op.f("ix_dictionary_field_current"), "dictionary_field", ["current"], unique=False
    )
    op.create_table(
        "dictionary_subject",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.Column("changed_at", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "dispatch",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("form_code", columns.CODE, nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner", columns.CODE, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("due_at", columns.CODE, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("targets", sa.Integer(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_dispatch_form_code"), "dispatch", ["form_code"], unique=False)
    op.create_index(op.f("ix_dispatch_owner"), "dispatch", ["owner"], unique=False)
    op.create_table(
        "division",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("valid_from", columns.CODE, nullable=False),
        sa.Column("valid_to", columns.CODE, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("parent_code", columns.CODE, nullable=True),
        sa.PrimaryKeyConstraint("code", "valid_from"),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("form_code", columns.CODE, nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("organisation_code", columns.CODE, nullable=False),
        sa.Column("organisation_path", columns.CODE, nullable=False),
        sa.Column("owner", columns.CODE, nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("dispatch_id", sa.String(), nullable=True),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("contents", columns.JsonText(), nullable=False),
        sa.Column("cells", columns.JsonText(), nullable=False),
        sa.Column("explanations", columns.JsonText(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("opened_at", columns.CODE, nullable=True),
        sa.Column("submitted_at", columns.CODE, nullable=True),
        sa.Column("final_at", columns.CODE, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "document_of", "document", ["form_code", "organisation_code", "period"], unique=False
    )
    op.create_index(
        "document_once",
        "document",
        ["form_code", "organisation_code", "period"],
        unique=True,
        sqlite_where=sa.text("status IN ('open', 'submitted', 'final')"),
        postgresql_where=sa.text("status IN ('open', 'submitted', 'final')"),
    )
    op.create_index("document_path", "document", ["organisation_path"], unique=False)
    op.create_index(op.f("ix_document_case_id"), "document", ["case_id"], unique=False)
    op.create_index(op.f("ix_document_dispatch_id"), "document", ["dispatch_id"], unique=False)
    op.create_index(op.f("ix_document_owner"), "document", ["owner"], unique=False)
    op.create_table(
        "flow",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("code", "version"),
    )
    op.create_table(
        "flow_case",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("flow_code", columns.CODE, nullable=False),
        sa.Column("flow_version", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("state", columns.JsonText(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("started_at", columns.CODE, nullable=False),
        sa.Column("ended_at", columns.CODE, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_flow_case_document_id"), "flow_case", ["document_id"], unique=False)
    op.create_table(
        "flow_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("flow_event_of", "flow_event", ["case_id", "seq"], unique=True)
    op.create_table(
        "form",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("owner", columns.CODE, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("document", columns.JsonText(), nullable=False),
        sa.Column("bundle", columns.JsonText(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.String(), nullable=True),
        sa.Column("proposal", columns.JsonText(), nullable=True),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("published_at", columns.CODE, nullable=True),
        sa.PrimaryKeyConstraint("code", "version"),
    )
    op.create_index(op.f("ix_form_owner"), "form", ["owner"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("before", columns.JsonText(), nullable=True),
        sa.Column("after", columns.JsonText(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("history_of", "history", ["kind", "target"], unique=False)
    op.create_table(
        "job",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payload", columns.JsonText(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", columns.CODE, nullable=False),
        sa.Column("lease_until", columns.CODE, nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("finished_at", columns.CODE, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("result", columns.JsonText(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("job_due", "job", ["state", "run_at"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("detail", columns.JsonText(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("organisation_code", columns.CODE, nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("notice_of_person", "notice", ["account_id", "at"], unique=False)
    op.create_index("notice_of_place", "notice", ["organisation_code", "role", "at"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("division_code", columns.CODE, nullable=False),
        sa.Column("parent_code", columns.CODE, nullable=True),
        sa.Column("path", columns.CODE, nullable=False),
        sa.Column("valid_from", columns.CODE, nullable=False),
        sa.Column("valid_to", columns.CODE, nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index(
        op.f("ix_organisation_parent_code"), "organisation", ["parent_code"], unique=False
    )
    op.create_index(op.f("ix_organisation_path"), "organisation", ["path"], unique=False)
    op.create_table(
        "origin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("at", columns.CODE, nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("verified_by", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("organisation", columns.CODE, nullable=False),
        sa.Column("form_code", sa.String(), nullable=False),
        sa.Column("form_version", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_origin_document_id"), "origin", ["document_id"], unique=False)
    op.create_table(
        "pack",
        sa.Column("code", columns.CODE, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("loaded_at", columns.CODE, nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=False),
        sa.Column("dispatch_id", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("organisation_code", columns.CODE, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("subject_code", columns.CODE, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("returned", sa.Boolean(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("opened_at", columns.CODE, nullable=True),
        sa.Column("due_at", columns.CODE, nullable=True),
        sa.Column("closed_at", columns.CODE, nullable=True),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("cells", columns.JsonText(), nullable=True),
        sa.Column("urged_at", columns.CODE, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_task_case_id"), "task", ["case_id"], unique=False)
    op.create_index(op.f("ix_task_dispatch_id"), "task", ["dispatch_id"], unique=False)
    op.create_index(op.f("ix_task_document_id"), "task", ["document_id"], unique=False)
    op.create_index("task_of_person", "task", ["account_id", "status", "due_at"], unique=False)
    op.create_index(
        "task_of_place", "task", ["organisation_code", "role", "status", "due_at"], unique=False
    )
    op.create_table(
        "login_session",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created_at", columns.CODE, nullable=False),
        sa.Column("expires_at", columns.CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("token_digest"),
    )
    op.create_index(
        op.f("ix_login_session_account_id"), "login_session", ["account_id"], unique=False
    )
    op.create_table(
        "notice_read",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("read_at", columns.CODE, nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["notice.id"],
        ),
        sa.PrimaryKeyConstraint("notice_id", "account_id"),
    )
    op.create_table(
        "position",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organisation_code", columns.CODE, nullable=False),
        sa.Column("valid_from", columns.CODE, nullable=False),
        sa.Column("valid_to", columns.CODE, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_position_account_id"), "position", ["account_id"], unique=False)
    op.create_index("position_by_place", "position", ["organisation_code", "role"], unique=False)


def downgrade() -> None:
    op.drop_index("position_by_place", table_name="position")
    op.drop_index(op.f("ix_position_account_id"), table_name="position")
    op.drop_table("position")
    op.drop_table("notice_read")
    op.drop_index(op.f("ix_login_session_account_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_index("task_of_place", table_name="task")
    op.drop_index("task_of_person", table_name="task")
    op.drop_index(op.f("ix_task_document_id"), table_name="task")
    op.drop_index(op.f("ix_task_dispatch_id"), table_name="task")
    op.drop_index(op.f("ix_task_case_id"), table_name="task")
    op.drop_table("task")
    op.drop_table("pack")
    op.drop_index(op.f("ix_origin_document_id"), table_name="origin")
    op.drop_table("origin")
    op.drop_index(op.f("ix_organisation_path"), table_name="organisation")
    op.drop_index(op.f("ix_organisation_parent_code"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_index("notice_of_place", table_name="notice")
    op.drop_index("notice_of_person", table_name="notice")
    op.drop_table("notice")
    op.drop_index("job_due", table_name="job")
    op.drop_table("job")
    op.drop_index("history_of", table_name="history")
    op.drop_table("history")
    op.drop_index(op.f("ix_form_owner"), table_name="form")
    op.drop_table("form")
    op.drop_index("flow_event_of", table_name="flow_event")
    op.drop_table("flow_event")
    op.drop_index(op.f("ix_flow_case_document_id"), table_name="flow_case")
    op.drop_table("flow_case")
    op.drop_table("flow")
    op.drop_index(op.f("ix_document_owner"), table_name="document")
    op.drop_index(op.f("ix_document_dispatch_id"), table_name="document")
    op.drop_index(op.f("ix_document_case_id"), table_name="document")
    op.drop_index("document_path", table_name="document")
    op.drop_index(
        "document_once",
        table_name="document",
        sqlite_where=sa.text("status IN ('open', 'submitted', 'final')"),
        postgresql_where=sa.text("status IN ('open', 'submitted', 'final')"),
    )
    op.drop_index("document_of", table_name="document")
    op.drop_table("document")
    op.drop_table("division")
    op.drop_index(op.f("ix_dispatch_owner"), table_name="dispatch")
    op.drop_index(op.f("ix_dispatch_form_code"), table_name="dispatch")
    op.drop_table("dispatch")
    op.drop_table("dictionary_subject")
    op.drop_index(op.f("ix_dictionary_field_current"), table_name="dictionary_field")
    op.drop_table("dictionary_field")
    op.drop_table("dictionary_codelist")
    op.drop_index("cell_change_of", table_name="cell_change")
    op.drop_table("cell_change")
    op.drop_table("blob")
    op.drop_table("audit_check")
    op.drop_index(op.f("ix_audit_target"), table_name="audit")
    op.drop_index(op.f("ix_audit_at"), table_name="audit")
    op.drop_index(op.f("ix_audit_actor_id"), table_name="audit")
    op.drop_index(op.f("ix_audit_action"), table_name="audit")
    op.drop_table("audit")
    op.drop_table("account")
