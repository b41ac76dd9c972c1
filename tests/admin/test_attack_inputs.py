"""The attack corpora by the side doors: sheets, questionnaires, files and their names, packs, claims of the
provider, mails, webhooks, the command line. Kept as typed or refused in words; never run, never elsewhere.
"""

import csv
import io
import json
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from admin import packs
from admin.cli.__main__ import collect
from engine.attachments import store as attachments
from engine.errors import Problem
from engine.identity import pack as identity_pack
from engine.identity.own import MailInvalid, set_mail
from engine.identity.store import ACCOUNT, ORGANISATION
from engine.notices.channels import mail, webhook
from engine.notices.channels.contract import Message
from engine.settings import SettingInvalid, Settings
from engine.work import System
from forms.importers.xlsform.build import Imported, build
from tests import attacks, installed
from tests.admin.test_attachments import send, task  # noqa: F401 - a fixture
from tests.admin.test_attacks import read
from tests.admin.test_ledger_imports import OLD, act, known, lines, numbers, previewed, sheet  # noqa: F401 - fixtures
from tests.admin.test_sign_on import signed_on, whole  # noqa: F401 - a fixture
from tests.engine.attachments import samples
from tests.forms.importers.test_xlsform import book

ALL = list(dict.fromkeys([*attacks.strings(), *attacks.formulas()]))
TYPED = [
    one for one in ALL if one.strip() and one.isprintable() and len(one) <= 90 and "_x" not in one
][:120]
"""What a person can type into a cell of a sheet; `_x0041_` is how a workbook writes an A."""


def _workbook_cells(*texts: str) -> list[str]:
    """What a sheet gives back of texts written into it as texts, by the library that wrote them."""
    made = openpyxl.Workbook()
    for row, text in enumerate(texts, 1):
        cell = made.active.cell(row, 1)
        cell.value, cell.data_type = text, "s"
    target = io.BytesIO()
    made.save(target)
    found = openpyxl.load_workbook(io.BytesIO(target.getvalue())).active
    return [str(found.cell(row, 1).value or "") for row in range(1, len(texts) + 1)]


def test_a_ledger_takes_a_sheet_of_attacks_as_texts(
    system: System,
    log_in: Any,
    numbers: list[str],  # noqa: F811 - the fixture
) -> None:
    """Remarks of a sheet come into the ledger letter by letter, the preview shows them as text, and a
    sheet of formulas brings none of them."""
    staff = log_in("huian")
    for text in [one for one in TYPED if _workbook_cells(one) == [one]][:40]:
        number = previewed(staff, sheet([1, "老人0", numbers[0], None, None, None, text, None]))
        page = staff.get(f"/ledgers/{OLD}/imports/{number}")
        assert page.status_code == 200, text
        assert read(page.text).broken == [], text
        assert attacks.COUNTED not in read(page.text).shown
        (told,) = lines(system, "huian", number).values()
        changes = {name: new for name, _, new, _ in told[1].get("changes", [])} if told[1] else {}
        if told[0] == "changed":
            assert changes.get("visit_note") == text.strip(), text
            act(system, staff, number, "apply")
    page = staff.get(f"/ledgers/{OLD}?q=老人0")
    assert read(page.text).broken == []


@pytest.mark.parametrize("path", attacks.workbooks(), ids=lambda one: one.name)
def test_a_bomb_is_no_sheet_of_a_ledger(system: System, log_in: Any, path: Path) -> None:
    """Bombs, entities, ways out of the archive: told in a sentence or read as an ordinary sheet."""
    staff = log_in("huian")
    answer = staff.send(
        "POST", f"/ledgers/{OLD}/imports", data={"csrf": staff.token},
        files={"sheet": (path.name, path.read_bytes())},
    )  # fmt: skip
    assert answer.status_code in (303, 400, 413, 415, 422), (path.name, answer.status_code)
    assert "root:" not in answer.text


def _built(content: bytes) -> Imported | None:
    """The form of a questionnaire; None where it was refused in words."""
    try:
        return build(content, code="test.survey")
    except Problem as problem:
        if problem.status >= 500 or not problem.text("zh"):
            raise
        return None


def test_a_questionnaire_of_attacks_keeps_its_words() -> None:
    """XLSForm: labels, hints and choices are texts; an expression that is none is told, never run."""
    for text in TYPED:
        if "|" in text or "\n" in text or _workbook_cells(text) != [text]:
            continue
        content = book(
            survey=f"| type | name | label |\n| text | which | {text} |\n| select_one yn | ok | 同意 |",
            choices=f"| list_name | name | label |\n| yn | y | {text} |\n| yn | n | 否 |",
        )
        made = _built(content)
        if made is None:
            continue
        said = json.dumps(made.form, ensure_ascii=False)
        assert json.dumps(text.strip(), ensure_ascii=False).strip('"') in said, text
    for expression in TYPED:
        if "|" in expression or "\n" in expression:
            continue
        content = book(
            survey=f"| type | name | label | relevant |\n| text | a | A | |\n| text | b | B | {expression} |"
        )
        _built(content)


def test_names_and_contents_of_files_stay_harmless(
    system: System,
    log_in: Any,
    task: str,  # noqa: F811 - the fixture
) -> None:
    """A name leads nowhere, hides nothing and is one line; what is no PDF is none, whatever it is called."""
    filler = log_in("huian")
    for number, name in enumerate(ALL):
        plain = attachments.plain_name(name)
        assert not set(plain) & set('/\\<>:"|?*\0\r\n\u202e\u2066\u200b\ufeff'), name
        assert len(plain.encode()) <= 400
        if number % 40 == 0:
            answer = send(
                filler, task, "/proof", samples.PDF + b"%" + str(number).encode(), f"{name}.pdf"
            )
            assert answer.status_code < 500, name
            assert read(answer.text).broken == [], name
            if answer.status_code == 201:
                _looked_at(system, filler, task, answer)
    for content in (b"<script>alert(7)</script>", b"<?php system('id');", b"MZ" + b"\0" * 64, b"#!/bin/sh\nid\n", b"GIF89a<script>"):  # fmt: skip
        for ending in ("pdf", "docx", "jpg"):
            answer = send(filler, task, "/proof", content, f"a.{ending}")
            assert answer.status_code in (413, 415, 422), (content, ending, answer.status_code)


def _looked_at(system: System, filler: Any, task: str, answer: Any) -> None:  # noqa: F811 - a task's id
    (address, *_) = re.findall(rf"/tasks/{task}/files/[a-z2-7]{{24}}", answer.text)
    found = filler.get(address)
    assert found.status_code == 200
    assert found.headers["content-disposition"].startswith(("attachment", "inline"))
    assert not {"\r", "\n"} & set(found.headers["content-disposition"])
    assert found.headers["x-content-type-options"] == "nosniff"
    gone = filler.press(address + "/remove")
    assert gone.status_code < 400, gone.text[:300]


def test_organisations_and_accounts_of_a_pack_are_kept_as_written(
    system: System, log_in: Any, tmp_path: Path
) -> None:
    """Names out of a pack's files come back letter by letter and are text on every page; a way out of the
    pack's folder is refused."""
    texts = [one for one in TYPED if one == one.strip()][:40]
    accounts = [
        {"login": f"attack{n}", "name": text, "positions": [{"role": "staff", "organisation": installed.COMMUNITIES[0]}]}
        for n, text in enumerate(texts)
    ]  # fmt: skip
    offices = [
        {"code": f"attack-{n}", "names": {"zh": text}, "parent": "370602"} for n, text in enumerate(texts)
    ]  # fmt: skip
    path = tmp_path / "divisions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(
            file, ["code", "name", "level", "parent_code", "valid_from", "valid_to"]
        )
        rows.writeheader()
        rows.writerows({"code": f"99{n:04d}", "name": text, "level": "county"} for n, text in enumerate(texts))  # fmt: skip
    system.write(packs.LOADER, lambda work: identity_pack.load_divisions(work, path))
    system.write(packs.LOADER, lambda work: identity_pack.load_accounts(work, accounts))
    listed = {"listed": [{**one, "kind": "office"} for one in offices]}
    with pytest.raises(KeyError):
        system.write(
            packs.LOADER,
            lambda work: identity_pack.load_organisations(work, {"offices": [{"code": "x", "names": {"zh": "x"}, "parent": "nowhere"}]}, tmp_path),
        )  # fmt: skip
    with system.read(installed.ANYBODY) as work:
        names = dict(
            work.connection.execute(
                ACCOUNT.select().with_only_columns(ACCOUNT.c.login, ACCOUNT.c.name)
            ).all()
        )  # type: ignore[arg-type]  # two texts
        assert work.connection.execute(ORGANISATION.select()).first() is not None
    assert [names[f"attack{n}"] for n in range(len(texts))] == texts
    assert listed
    keeper = log_in("anquan")
    page = keeper.get("/accounts?q=attack")
    assert page.status_code == 200
    assert read(page.text).broken == []
    assert read(keeper.get("/accounts").text).broken == []


def test_what_the_provider_says_of_somebody_is_text(
    system: System,
    log_in: Any,
    visitor: Any,
    signed_on: System,  # noqa: F811 - the fixture
) -> None:
    """Single sign-on: a subject full of attacks opens nothing, breaks no page and is shown as text."""
    for subject in attacks.SHARP[:12]:
        answer = whole(visitor, subject)
        assert answer.status_code in (400, 403, 422), (subject, answer.status_code)
        assert read(answer.text).broken == [], subject
        assert attacks.COUNTED not in read(answer.text).shown
        assert visitor.get("/account", follow_redirects=False).status_code == 302


def _message(text: str, **given: str) -> Message:
    base = {"id": "n1.a1", "about": "flow.notice.urged", "account_id": "a1", "name": "江晚晴", "mail": "ann@example.com", "subject": text, "text": text, "link": "https://yibiao.example/tasks/1", "at": "2026-11-23T01:30:00.000000+00:00"}  # fmt: skip
    return Message(**{**base, **given})


def test_a_mail_has_the_headers_we_gave_it_and_no_others() -> None:
    """Subject, name and body of a mail: one receiver, one sender, one part of plain text."""
    settings = Settings(
        data_dir="/nowhere", smtp_host="mail.example", mail_from="yibiao@office.example"
    )
    evil = [
        "x\r\nBcc: all@evil.example",
        "x\n\n<script>",
        "\r\n.\r\nMAIL FROM:<x>",
        "=?utf-8?q?=0D=0ABcc:x?=",
    ]
    for text in [*ALL, *evil]:
        written: EmailMessage = mail._written(settings, _message(text, name=text))
        try:
            raw = written.as_bytes(policy=policy.SMTP)
        except UnicodeEncodeError:
            pytest.fail(f"a mail that cannot be sent: {text!r}")
        got = message_from_bytes(raw, policy=policy.default)
        assert {name.lower() for name in got} == {
            "subject", "from", "to", "message-id", "content-type", "content-transfer-encoding", "mime-version",
        }, text  # fmt: skip
        assert [one.addr_spec for one in got["to"].addresses] == ["ann@example.com"], text
        assert got.get_content_type() == "text/plain"
        assert len(list(got.walk())) == 1


def test_an_address_is_an_address(system: System) -> None:
    """What is no mail address is not kept, so nothing can be smuggled in by one."""
    who = installed.person(system, "huian")
    for text in [
        *ALL,
        "a@b.example\r\nBcc: x@y.example",
        "a@b.example,x@y.example",
        "<a@b.example> x",
    ]:
        if not text.strip():
            continue
        try:
            system.write(who, lambda work, one=text: set_mail(work.connection, who.id, one))
        except MailInvalid:
            continue
        assert not set("\r\n,;<> ") & set(text), text


def test_a_webhook_goes_where_it_was_told_or_nowhere() -> None:
    """Only http and https leave; an address with something smuggled in is off or fails, and body is JSON."""
    hostile = [
        "javascript:alert(7)", "file:///etc/passwd", "gopher://x/", "ftp://x/", "//x/in", "x", "", "http://",
        "http:///in", "https://", "data:text/html,x",
    ]  # fmt: skip
    for url in [*hostile, *(one for one in ALL if "://" not in one)]:
        try:
            settings = Settings(data_dir="/nowhere", webhook_url=url, webhook_secret="s")
        except SettingInvalid:
            continue
        assert not webhook.CHANNEL.is_on(settings), url
    for url in (
        "http://127.0.0.1:9/in\r\nX-Evil: 1",
        "http://127.0.0.1:9/a b",
        "http://127.0.0.1:9\r\n/",
    ):
        settings = replace(Settings(data_dir="/nowhere"), webhook_url=url, webhook_secret="s")
        if webhook.CHANNEL.is_on(settings):
            with pytest.raises(webhook.ChannelFailed):
                webhook.send(settings, _message("x"))


def test_the_command_line_takes_any_argument_and_file(tmp_path: Path) -> None:
    """One line and a code for whatever is given; no traceback, nothing written outside, nothing run."""
    environment = {"YIBIAO_DATA_DIR": str(tmp_path / "var"), "YIBIAO_DATABASE_URL": ""}
    assert CliRunner().invoke(collect(), ["init"], env=environment).exit_code == 0
    before = sorted(one.name for one in tmp_path.iterdir())
    commands = (
        ["erase", "certificate"], ["retention", "certificate"], ["form", "check"], ["sheet", "propose"],
        ["pack", "load"], ["backup", "verify"], ["organisation", "undo"], ["form", "import"], ["report", "status"], ["register", "load"], ["flow", "check"],
    )  # fmt: skip
    known_commands = collect()
    for words in commands:
        group = known_commands.commands.get(words[0])
        if group is None or words[1] not in getattr(group, "commands", {}):
            continue
        for text in ALL[::25]:
            if "\0" in text or text.startswith("-"):
                continue
            done = CliRunner().invoke(known_commands, [*words, "--", text], env=environment)
            assert done.exit_code in (1, 2), (words, text, done.output)
            assert done.exception is None or isinstance(done.exception, SystemExit), (words, text, done.exception)  # fmt: skip
    for number, content in enumerate(attacks.json_texts()[::20]):
        path = tmp_path / "given.json"
        path.write_bytes(content.encode("utf-8", "surrogatepass"))
        for words in (["form", "check"], ["flow", "check"]):
            done = CliRunner().invoke(known_commands, [*words, str(path)], env=environment)
            assert done.exception is None or isinstance(done.exception, SystemExit), (number, done.exception)  # fmt: skip
            assert done.exit_code in (0, 1, 2)
        path.unlink()
    assert sorted(one.name for one in tmp_path.iterdir()) == before
