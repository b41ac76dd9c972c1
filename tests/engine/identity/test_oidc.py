"""Single sign-on against a real provider: whom it proves, once, for us, in time; and whom that is here."""

import contextlib
import http.server
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Problem
from engine.identity import accounts, bindings, oidc, sessions, store
from engine.identity.actor import Actor
from engine.identity.bindings import BindingTaken, BindingWrong, SignOnClosed, SignOnUnbound
from engine.identity.factors import rules
from engine.identity.oidc import Proof, SignOnStale, SignOnUnreachable, SignOnWrong, Trip
from engine.settings import SettingInvalid, Settings, load
from engine.work import System
from tests import factories, oidc_provider
from tests.conftest import Clock

KEEPER = Actor("keeper", "anquan", "安全管理员", (factories.post("security", "370602"),))
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
CLAIMS: dict[str, Any] = {
    "iss": "https://id.example", "aud": "yibiao", "sub": "s1", "nonce": "n",
    "iat": NOW.timestamp(), "exp": NOW.timestamp() + 300,
}  # fmt: skip


@pytest.fixture
def signed_on(system: System, clock: Clock, issuer: str) -> System:
    """An installation that knows the provider, by the provider's clock."""
    clock.at = datetime.now(UTC)
    settings = replace(system.settings, oidc_issuer=issuer, oidc_client_id="yibiao", oidc_client_secret="s:ä/x")  # fmt: skip
    object.__setattr__(system, "settings", settings)
    return system


def account(system: System, login: str) -> str:
    """A person here."""
    return system.write(KEEPER, lambda work: accounts.add(work, login, "于淑兰", store.hash_password("x")))  # fmt: skip


def sent(system: System, trip: Trip, **other: str) -> str:
    """The code of somebody who logs in at the provider, sent there as we send them, or with other words."""
    address = httpx.URL(oidc.address(oidc.discover(system.settings), system.settings, trip))
    back = oidc_provider.pass_through(str(address.copy_merge_params(other)), "yu@town")
    assert back["state"] == trip.state
    return back["code"]


def proved(system: System, code: str, trip: Trip) -> Proof:
    """Whom the provider proves, now."""
    return oidc.prove(system.settings, code, trip, now=system.now())


def test_the_way_there_and_back_on_both_databases(signed_on: System) -> None:
    """An unbound subject is named, a bound one is the account; the trip and the code open once."""
    system, trip = signed_on, Trip("", "", "")
    secret = system.write(KEEPER, lambda work: bindings.begin(work, "/tasks"))
    trip = oidc.trip_of(secret)
    code = sent(system, trip)
    assert system.write(KEEPER, lambda work: bindings.arrive(work, secret)) == "/tasks"
    with pytest.raises(SignOnStale):
        system.write(KEEPER, lambda work: bindings.arrive(work, secret))
    proof = proved(system, code, trip)
    assert proof.subject == "yu@town"
    with pytest.raises(SignOnStale):
        proved(system, code, trip)  # the provider itself refuses a code sent again
    with system.read(KEEPER) as work, pytest.raises(SignOnUnbound) as unbound:
        bindings.owner(work, proof)
    assert "yu@town" in unbound.value.text()
    mine, other = account(system, "yu"), account(system, "ma")
    system.write(KEEPER, lambda work: bindings.bind(work, mine, "yu@town"))
    with system.read(KEEPER) as work:
        assert bindings.owner(work, proof).id == mine
        assert bindings.bound(work, mine) == "yu@town"
    for whose, subject in ((other, "yu@town"), (mine, "another")):
        with pytest.raises(BindingTaken) as taken:
            system.write(KEEPER, lambda work, w=whose, s=subject: bindings.bind(work, w, s))
        assert taken.value.login == "yu"
    for subject in ("", "x" * 256, "a\nb"):
        with pytest.raises(BindingWrong):
            system.write(KEEPER, lambda work, s=subject: bindings.bind(work, other, s))
    system.write(KEEPER, lambda work: accounts.set_active(work, mine, active=False))
    with system.read(KEEPER) as work, pytest.raises(SignOnClosed):
        bindings.owner(work, proof)


def test_a_log_in_by_the_provider_ends_with_its_binding(signed_on: System) -> None:
    """One by password stays; neither a first password nor a trusted factor stands before it."""
    system = signed_on
    mine = account(system, "yu")
    system.write(KEEPER, lambda work: bindings.bind(work, mine, "yu@town"))

    def opened(**how: str) -> str:
        return system.database.write(
            lambda c: sessions.open_session(c, mine, now=system.now(), hours=10, **how)
        )

    def stage(token: str) -> str | None:
        strict = replace(system.settings, second_factor="everyone")
        with system.database.read() as connection:
            found = sessions.session(connection, token, now=system.now(), settings=strict)
        return found.stage if found else None

    there, trusted, here = opened(way="sso"), opened(way="sso", proved=rules.PROVIDER), opened()
    assert [stage(one) for one in (there, trusted, here)] == ["enrol", "", "password"]
    system.write(KEEPER, lambda work: bindings.unbind(work, mine))
    assert [stage(one) for one in (there, trusted, here)] == [None, None, "password"]


def test_a_trip_is_over_after_ten_minutes(signed_on: System, clock: Clock) -> None:
    """And a secret that was made up leads nowhere."""
    secret = signed_on.write(KEEPER, lambda work: bindings.begin(work, "/"))
    clock.forward(minutes=10, seconds=1)
    for one in (secret, "", "made up", "\ud800"):
        with pytest.raises(SignOnStale):
            signed_on.write(KEEPER, lambda work, s=one: bindings.arrive(work, s))


def test_tokens_of_another_log_in_another_system_and_another_hour(
    signed_on: System, clock: Clock
) -> None:
    """Signed by the real provider, and yet not for us, now."""
    system, trip = signed_on, oidc.trip_of("one")
    with pytest.raises(SignOnWrong, match="not of this log-in"):
        proved(system, sent(system, trip, nonce="another"), trip)
    with pytest.raises(Problem):
        proved(system, sent(system, trip, client_id="another"), trip)
    elsewhere = replace(system.settings, oidc_client_id="another")
    provider = oidc.discover(elsewhere)
    again = oidc.trip_of("two")
    token = oidc.exchange(provider, elsewhere, sent(system, again, client_id="another"), again)
    keys = oidc.keys_of(provider)
    claims = oidc.signed(token, keys)
    asked = {"issuer": provider.issuer, "nonce": again.nonce, "now": system.now()}
    assert oidc.believed(claims, client="another", **asked).subject == "yu@town"
    with pytest.raises(SignOnWrong, match="another system"):
        oidc.believed(claims, client="yibiao", **asked)
    head, body, mark = token.split(".")
    for forged in (
        "",
        "a.b.c",
        f"{head}.{body}.",
        f"{head}.{body}A.{mark}",
        f"eyJhbGciOiJub25lIn0.{body}.",
    ):
        with pytest.raises(SignOnWrong, match="signature"):
            oidc.signed(forged, keys)
    third = oidc.trip_of("three")
    code = sent(system, third)
    clock.forward(seconds=oidc_provider.TOKEN_SECONDS + oidc.SKEW + 60)
    with pytest.raises(SignOnWrong, match="expired"):
        proved(system, code, third)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://id.example/"}, {"aud": ["yibiao", "other"]}, {"aud": "yibiao2"}, {"aud": None},
        {"aud": ["yibiao", "other"], "azp": "other"}, {"azp": "other"}, {"nonce": None}, {"nonce": "é"},
        {"exp": NOW.timestamp() - 61}, {"exp": True}, {"exp": float("inf")}, {"exp": "9999999999"},
        {"iat": NOW.timestamp() + 61}, {"iat": None}, {"nbf": NOW.timestamp() + 61}, {"sub": ""},
        {"sub": 5}, {"sub": "x" * 256}, {"sub": "a\0"},
    ],
)  # fmt: skip
def test_claims_that_prove_nobody(changed: dict[str, Any]) -> None:
    """Each of them alone."""
    asked: dict[str, Any] = {
        "issuer": "https://id.example",
        "client": "yibiao",
        "nonce": "n",
        "now": NOW,
    }
    assert oidc.believed(CLAIMS, **asked) == Proof("s1", frozenset())
    both = {**CLAIMS, "aud": ["yibiao", "other"], "azp": "yibiao", "amr": ["otp", 5], "acr": "high"}
    assert oidc.believed(both, **asked).methods == {"otp", "high"}
    with pytest.raises(SignOnWrong):
        oidc.believed({**CLAIMS, **changed}, **asked)


@given(st.dictionaries(st.sampled_from([*CLAIMS, "azp", "nbf", "amr", "acr"]), st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5), st.lists, max_leaves=4)))  # fmt: skip
def test_no_claims_are_a_fault_of_ours(claims: dict[str, Any]) -> None:
    """Whatever a provider signs is a proof or a refusal."""
    with contextlib.suppress(SignOnWrong):
        oidc.believed({**CLAIMS, **claims}, issuer="https://id.example", client="yibiao", nonce="n", now=NOW)  # fmt: skip


@pytest.mark.parametrize(
    ("trusts", "methods", "counts"),
    [("", {"otp"}, False), ("", {""}, False), (" ", {"otp"}, False), ("mfa, otp", {"otp"}, True), ("mfa", {"pwd"}, False)],
)  # fmt: skip
def test_what_counts_as_a_second_factor(trusts: str, methods: set[str], *, counts: bool) -> None:
    """Only what the setting names."""
    settings = Settings(oidc_second_factor=trusts)
    assert oidc.counts_as_factor(Proof("s", frozenset(methods)), settings) is counts


@pytest.fixture
def garbage() -> Iterator[tuple[str, dict[str, Any]]]:
    """An address that answers what it is told to."""
    told: dict[str, Any] = {"status": 200, "body": b""}

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(told["status"])
            self.send_header("location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(told["body"])

        def log_message(self, *_: object) -> None:
            """Nothing to say."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", told
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_provider_that_is_down_or_talks_nonsense(garbage: tuple[str, dict[str, Any]]) -> None:
    """Said as what it is, and nothing of it believed."""
    place, told = garbage
    settings = Settings(oidc_issuer=place, oidc_client_id="yibiao")
    whole = f'{{"issuer": "{place}", "token_endpoint": "{place}/t", "jwks_uri": "{place}/k", "authorization_endpoint": "%s"}}'
    for status, body in (
        (200, b""), (200, b"<html>"), (200, b"[]"), (200, b"\xff"), (200, b"[" * 9000), (302, b"{}"), (404, b"{}"),
        (200, b" " * (oidc.MOST + 1)), (200, b'{"issuer": "https://other.example"}'),
        (200, (whole % "https://elsewhere.example/a").encode()), (200, (whole % "").encode()),
        (200, (whole % "http://[").encode()),
    ):  # fmt: skip
        told.update(status=status, body=body)
        with pytest.raises(SignOnWrong):
            oidc.discover(settings)
    told.update(status=200, body=(whole % f"{place}/a?x=1").encode())
    found = oidc.discover(settings)
    assert oidc.address(found, settings, oidc.trip_of("s")).startswith(f"{place}/a?x=1&response_type=code&")  # fmt: skip
    assert oidc.leaving(found, settings) == ""
    told.update(status=503)
    with pytest.raises(SignOnUnreachable):
        oidc.discover(settings)
    with pytest.raises(SignOnUnreachable):
        oidc.discover(replace(settings, oidc_issuer="http://127.0.0.1:1"))


def test_an_issuer_over_plain_http_is_refused_at_the_start() -> None:
    """Except on this machine."""
    for wrong in (
        "http://id.example",
        "id.example",
        "https://",
        "https://id.example/?a=1",
        "ftp://localhost",
    ):
        with pytest.raises(SettingInvalid):
            load({"YIBIAO_OIDC_ISSUER": wrong})
    assert load({"YIBIAO_OIDC_ISSUER": "https://id.example/realm"}).oidc_issuer
