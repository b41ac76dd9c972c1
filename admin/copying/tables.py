"""What of each table goes into a copy. A table that is named nowhere here fails a test: whoever adds
one says what becomes of it.
"""

from typing import Final

WHOLE: Final = (
    "division",
    "organisation",
    "organisation_former",
    "boundary",
    "holiday_plan",
    "dictionary_subject",
    "dictionary_codelist",
    "dictionary_field",
    "flow",
    "task_candidate",
    "case_counter",
)
"""Declarations and codes: nothing personal stands in them."""

CHANGED: Final = (
    "account",
    "position",
    "form",
    "origin",
    "document",
    "flow_case",
    "flow_event",
    "task",
    "dispatch",
    "ledger_member",
)
"""Row by row with other values (`rows.py`); registers and ledgers' own tables besides."""

LEFT_OUT: Final = {
    "what somebody did or looked at": (
        "audit", "audit_check", "audit_checkpoint", "alert", "alert_mark", "history", "cell_change",
        "mask_lift", "access_review", "access_review_item", "value_reuse", "report_fact",
        "dispute_fact",
    ),
    "log-ins, second factors, tokens": (
        "factor", "factor_reset", "login_device", "login_session", "login_try",
        "passkey_challenge", "past_password", "rate_count", "recovery_code", "resident_visit", "service_token",
        "sign_on_binding", "sign_on_trip", "absence",
    ),
    "files and sheets that people brought": (
        "attachment", "blob", "ledger_import", "ledger_import_line", "workbook_export",
    ),
    "free words and work under way": (
        "access_rule", "design_presence", "design_step", "dispatch_cadence", "dispute", "erasure",
        "flow_copy", "flow_draft", "flow_draft_step", "flow_incident", "flow_timer", "form_move",
        "form_move_unit", "job",
        "ledger_clash", "ledger_proposal", "ledger_view", "legal_hold", "notice", "notice_read",
        "notice_sent", "organisation_change", "organisation_effect", "organisation_group", "phrase",
        "public_list", "report_making", "retained", "retained_total", "retention_rule",
        "retention_run",
    ),
    "made anew, or about real numbers": (
        "pack", "register_former", "register_join", "register_pair", "register_quality",
        "register_search", "words_due", "words_index",
    ),
}  # fmt: skip
"""By why."""
