"""Single sign-on on the pages, against a real provider: the button, the way, every way it can end."""

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from admin.cli.run import show_settings
from engine.work import System
from tests import installed, oidc_provider
from tests.admin.conftest import Client


@pytest.fixture
def signed_on(system: System, issuer: str, tmp_path: Path) -> System:
    """The installation knows the provider, by the provider's clock."""
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    settings = replace(
        system.settings,
        oidc_issuer=issuer,
        oidc_client_id="yibiao",
        oidc_client_secret_file=str(tmp_path / "secret"),
        oidc_label="烟台统一认证",
    )
    object.__setattr__(system, "settings", settings)
    system.now = lambda: datetime.now(UTC)
    return system


def sent(visitor: Client, path: str = "/login/sso") -> str:
    """Where the button leads."""
    answer = visitor.get(path, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def came(visitor: Client, **said: str) -> Any:
    """Back from the provider."""
    return visitor.get("/login/sso/back", params=said, follow_redirects=False)


def whole(visitor: Client, subject: str, path: str = "/login/sso") -> Any:
    """There and back."""
    return came(visitor, **oidc_provider.pass_through(sent(visitor, path), subject))


def bind(log_in: Any, system: System, login: str, subject: str) -> tuple[Any, str]:
    """As the security administrator does it; gives them and the account's page."""
    keeper, page = log_in("anquan"), f"/accounts/{installed.person(system, login).id}"
    assert keeper.press(page + "/sso", subject=subject).status_code == 303
    return keeper, page


def test_without_settings_there_is_no_button(visitor: Client, log_in: Any, system: System) -> None:
    """Nor the addresses behind it, nor a place to bind."""
    assert "/login/sso" not in visitor.get("/login").text
    for path in ("/login/sso", "/login/sso/back", "/logout/sso"):
        assert visitor.get(path).status_code == 404
    keeper, page = log_in("anquan"), f"/accounts/{installed.person(system, 'huian').id}"
    assert "/sso" not in keeper.get(page).text
    assert keeper.press(page + "/sso", subject="x").status_code == 404


def test_from_the_unknown_person_to_the_log_out(
    visitor: Client, log_in: Any, signed_on: System
) -> None:
    """Named to the administrator, bound, let in to where they were going, seen on the trail, gone again."""
    assert "烟台统一认证" in visitor.get("/login").text
    refused = whole(visitor, "hui@town")
    assert refused.status_code == 403
    assert "hui@town" in refused.text
    assert "安全管理员" in refused.text
    keeper, page = bind(log_in, signed_on, "huian", "hui@town")
    assert "hui@town" in keeper.get(page).text
    assert keeper.press(page + "/sso", subject="more").status_code == 409
    done = whole(visitor, "hui@town", "/login/sso?next=/account")
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    mine = visitor.get("/account")
    assert mine.status_code == 200
    csrf = re.search(r'name="csrf" value="([^"]+)"', mine.text)
    assert csrf is not None
    left = visitor.post("/logout", data={"csrf": csrf[1]}, follow_redirects=False)
    assert left.headers["location"] == "/login?left=sso"
    assert "/logout/sso" in visitor.get("/login?left=sso").text
    assert "/oauth2/end_session?client_id=yibiao" in sent(visitor, "/logout/sso")
    assert visitor.get("/account", follow_redirects=False).status_code == 302
    with closing(sqlite3.connect(signed_on.settings.data_path / "yibiao.db")) as file:
        trail = [row[0] for row in file.execute("SELECT action FROM audit ORDER BY seq")]
    assert [one for one in trail if one in ("account.bound", "login.done")][-3:].count("account.bound") == 1  # fmt: skip
    assert "login.failed" in trail


def test_closed_unbound_and_back_home(visitor: Client, log_in: Any, signed_on: System) -> None:
    """A closed account is told so; without its binding nobody is let in; nobody binds oneself."""
    keeper, page = bind(log_in, signed_on, "huian", "hui@town")
    assert whole(visitor, "hui@town", "/login/sso?next=//evil.example").headers["location"] == "/"
    visitor.cookies.clear()
    keeper.press(page + "/state", active="no")
    closed = whole(visitor, "hui@town")
    assert (closed.status_code, "停用" in closed.text) == (403, True)
    keeper.press(page + "/state", active="yes")
    assert keeper.press(page + "/sso/end").status_code == 303
    assert whole(visitor, "hui@town").status_code == 403
    assert keeper.press(page + "/sso/end").status_code == 404
    own = f"/accounts/{installed.person(signed_on, 'anquan').id}"
    assert keeper.press(own + "/sso", subject="me").status_code == 403


def test_what_comes_back_wrong_is_told_and_opens_nothing(
    visitor: Client, log_in: Any, signed_on: System
) -> None:
    """Refused, another's state, no trip, used twice, another issuer, nonsense: a page each, never a fault."""
    bind(log_in, signed_on, "huian", "hui@town")
    denied = oidc_provider.pass_through(sent(visitor), "hui@town", deny=True)
    assert came(visitor, **denied, state=state_of(visitor)).status_code == 403
    good = oidc_provider.pass_through(sent(visitor), "hui@town")
    cases: list[tuple[dict[str, str], int]] = [
        ({**good, "state": "another"}, 400), ({}, 400), ({"code": "x"}, 400), ({**good, "state": "é"}, 400),
    ]  # fmt: skip
    for said, status in cases:
        answer = came(visitor, **said)
        assert (answer.status_code, "从登录页重新开始" in answer.text) == (status, True)
    assert came(visitor, **good, iss="https://other.example").status_code == 502
    assert came(visitor, **good).status_code == 400  # the trip is over, whatever came of it
    for odd, status in (("code", 400), ("error", 502)):
        state = state_of(visitor)
        assert came(visitor, state=state, **{odd: "<b>'" * 500}).status_code == status
    again = oidc_provider.pass_through(sent(visitor), "hui@town")
    visitor.cookies.clear()
    assert came(visitor, **again).status_code == 400  # begun in another browser
    assert visitor.get("/account", follow_redirects=False).status_code == 302


def state_of(visitor: Client) -> str:
    """A new trip's state."""
    found = re.search(r"[?&]state=([^&]+)", sent(visitor))
    assert found is not None
    return found[1]


def test_a_provider_that_is_down_leaves_the_password(visitor: Client, signed_on: System) -> None:
    """The page says so and is the log-in page still."""
    settings = replace(signed_on.settings, oidc_issuer="http://127.0.0.1:1")
    object.__setattr__(signed_on, "settings", settings)
    for path in ("/login/sso", "/logout/sso"):
        answer = visitor.get(path)
        assert answer.status_code == 503
        assert "没有回应" in answer.text
        assert 'name="password"' in answer.text


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_the_settings_are_shown_without_their_secrets(
    options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of single sign-on, of mail, of the webhook, of the vault: only that there is one."""
    for name in ("OIDC_CLIENT_SECRET", "SMTP_PASSWORD", "WEBHOOK_SECRET", "KEK"):
        monkeypatch.setenv(f"YIBIAO_{name}", "never-to-be-seen")
    shown = CliRunner().invoke(show_settings, options)
    assert shown.exit_code == 0
    assert "never-to-be-seen" not in shown.output
    assert shown.output.count("***") == 4
