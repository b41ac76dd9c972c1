"""Single sign-on by OpenID Connect: the authorization code flow with PKCE, and what is believed of its answer.

The provider is asked at its own address only, each time anew: its keys may change at any moment, and a
log-in is rare. What it says is checked whole before anybody is anybody.
"""

import hashlib
import hmac
import json
import math
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard
from urllib.parse import quote, urlencode, urlsplit

from engine.errors import Problem
from engine.settings import SettingInvalid, Settings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")  # fmt: skip
"""Signatures by a public key only: neither none, nor a secret that both sides know."""
SECONDS, TOGETHER, MOST = 5.0, 10.0, 512 * 1024
"""How long one step of an answer may take, the whole of it, and how many bytes it may have."""
SKEW = 60
"""So many seconds the provider's clock may differ from ours."""
BACK = "/login/sso/back"
MOST_KEYS = 50
SUBJECT = 255


class SignOnUnreachable(Problem):
    """The provider does not answer, or too slowly."""

    code, status = "login.sso-unreachable", 503


class SignOnWrong(Problem):
    """What the provider says cannot be believed; `reason` says what of it."""

    code, status = "login.sso-wrong", 502
    reason: str


class SignOnRefused(Problem):
    """The provider was asked not to let this person in here, by them or by its own rules."""

    code, status = "login.sso-refused", 403


class SignOnStale(Problem):
    """The answer belongs to no log-in under way in this browser: too late, used already, or another's."""

    code, status = "login.sso-stale", 400


@dataclass(frozen=True, slots=True)
class Provider:
    """Where the provider does what, as it says itself; all of it at the issuer's address."""

    issuer: str
    authorize: str
    token: str
    keys: str
    end_session: str = ""
    basic: bool = True
    """Whether it takes our secret in the header, as the standard has it, or in the form."""


@dataclass(frozen=True, slots=True)
class Trip:
    """One way to the provider and back: all it needs comes from a secret that only the browser keeps."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier (S256)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


@dataclass(frozen=True, slots=True)
class Proof:
    """Whom the provider has proved, and how, in its own words (`amr`, `acr`)."""

    subject: str
    methods: frozenset[str]


def is_on(settings: Settings) -> bool:
    """Whether there is single sign-on here."""
    return bool(settings.oidc_issuer and settings.oidc_client_id)


def trip_of(secret: str) -> Trip:
    """What goes to the provider, from the browser's secret; the one is not found from the other."""

    def part(name: str) -> str:
        return _text(hmac.new(secret.encode(), name.encode(), hashlib.sha256).digest())

    return Trip(part("state"), part("nonce"), part("verifier"))


def address(provider: Provider, settings: Settings, trip: Trip) -> str:
    """Where the browser is sent to log in."""
    asked = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": settings.public_url + BACK,
        "scope": "openid",
        "state": trip.state,
        "nonce": trip.nonce,
        "code_challenge": trip.challenge,
        "code_challenge_method": "S256",
    }
    return _with(provider.authorize, asked)


def leaving(provider: Provider, settings: Settings) -> str:
    """Where the browser is sent to log out at the provider as well; empty if it offers none."""
    asked = {
        "client_id": settings.oidc_client_id,
        "post_logout_redirect_uri": settings.public_url + "/login",
    }
    return _with(provider.end_session, asked) if provider.end_session else ""


def discover(settings: Settings) -> Provider:
    """What the provider says of itself. Raises SignOnUnreachable, SignOnWrong."""
    issuer = settings.oidc_issuer
    status, told = _fetched("GET", issuer.rstrip("/") + "/.well-known/openid-configuration")
    if status != 200 or told.get("issuer") != issuer:
        raise SignOnWrong(reason="discovery")

    def place(name: str) -> str:
        found = told.get(name, "")
        if not isinstance(found, str) or (found and not _same_place(found, issuer)):
            raise SignOnWrong(reason="discovery")
        return found

    authorize, token, keys = (
        place(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    )
    if not (authorize and token and keys):
        raise SignOnWrong(reason="discovery")
    ways = told.get("token_endpoint_auth_methods_supported")
    basic = not isinstance(ways, list) or "client_secret_basic" in ways
    return Provider(issuer, authorize, token, keys, place("end_session_endpoint"), basic)


def exchange(provider: Provider, settings: Settings, code: str, trip: Trip) -> str:
    """The ID token for a code. Raises SignOnUnreachable, SignOnWrong, SignOnStale."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": settings.public_url + BACK,
        "code_verifier": trip.verifier,
    }
    name, secret = settings.oidc_client_id, _secret(settings)
    options: dict[str, Any] = {}
    if secret and provider.basic:
        options["auth"] = quote(name, safe=""), quote(secret, safe="")
    else:
        form |= {"client_id": name, **({"client_secret": secret} if secret else {})}
    status, told = _fetched("POST", provider.token, data=form, **options)
    if status != 200:
        if told.get("error") == "invalid_grant":
            raise SignOnStale
        raise SignOnWrong(reason="client")
    token = told.get("id_token")
    if not isinstance(token, str):
        raise SignOnWrong(reason="token")
    return token


def keys_of(provider: Provider) -> list[Mapping[str, Any]]:
    """The provider's public keys for signatures. Raises SignOnUnreachable, SignOnWrong."""
    status, told = _fetched("GET", provider.keys)
    found = told.get("keys")
    if status != 200 or not isinstance(found, list):
        raise SignOnWrong(reason="keys")
    fit = [one for one in found[:MOST_KEYS] if isinstance(one, dict)]
    return [one for one in fit if one.get("kty") in ("RSA", "EC", "OKP") and one.get("use") != "enc"]  # fmt: skip


def signed(token: str, keys: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a token claims, if one of the keys has signed it. Raises SignOnWrong."""
    from joserfc import jwk, jwt  # 0.2 s: only where there is single sign-on
    from joserfc.errors import JoseError

    for one in keys:
        try:
            key = jwk.import_key(dict(one))
            claims = jwt.decode(token, key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue  # another key's, or no key at all
        if isinstance(claims, dict):
            return claims
    raise SignOnWrong(reason="signature")


def believed(
    claims: Mapping[str, Any], *, issuer: str, client: str, nonce: str, now: datetime
) -> Proof:
    """Whom signed claims prove to us, now, on this trip. Raises SignOnWrong."""
    if claims.get("iss") != issuer:
        raise SignOnWrong(reason="issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", client if len(audiences) == 1 else None)
    if client not in audiences or party != client:
        raise SignOnWrong(reason="audience")
    at, ends, made = now.timestamp(), claims.get("exp"), claims.get("iat")
    if not _number(ends) or not _number(made):
        raise SignOnWrong(reason="token")
    begins = claims.get("nbf", made)
    if not _number(begins) or ends + SKEW <= at or max(made, begins) - SKEW > at:
        raise SignOnWrong(reason="time")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise SignOnWrong(reason="nonce")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 1 <= len(subject) <= SUBJECT or "\0" in subject:
        raise SignOnWrong(reason="token")
    methods = claims.get("amr")
    said = [*(methods if isinstance(methods, list) else []), claims.get("acr")]
    return Proof(subject, frozenset(one for one in said if isinstance(one, str)))


def prove(settings: Settings, code: str, trip: Trip, *, now: datetime) -> Proof:
    """Whom the provider proves by this code. Raises SignOnUnreachable, SignOnWrong, SignOnStale."""
    provider = discover(settings)
    token = exchange(provider, settings, code, trip)
    claims = signed(token, keys_of(provider))
    return believed(
        claims, issuer=provider.issuer, client=settings.oidc_client_id, nonce=trip.nonce, now=now
    )


def refuse_error(error: str) -> None:
    """Raises what an error means that the provider sends in the place of a code."""
    if error in ("access_denied", "login_required", "interaction_required", "consent_required"):
        raise SignOnRefused
    if error in ("server_error", "temporarily_unavailable"):
        raise SignOnUnreachable
    if error:
        raise SignOnWrong(reason="client")


def counts_as_factor(proof: Proof, settings: Settings) -> bool:
    """Whether the provider's log-in was of a kind that the office takes for a second factor."""
    return bool(
        proof.methods & set(re.split(r"[,\s]+", settings.oidc_second_factor.strip())) - {""}
    )


def _fetched(method: str, url: str, **options: Any) -> tuple[int, Mapping[str, Any]]:
    """The status and the object of an answer; no redirect is followed, no proxy asked."""
    import ssl  # these three only where there is single sign-on

    import httpx

    end, body = time.monotonic() + TOGETHER, bytearray()
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    try:
        trusted = ssl.create_default_context()
        with (
            httpx.Client(timeout=SECONDS, trust_env=False, verify=trusted) as client,
            client.stream(method, url, headers=headers, **options) as answer,
        ):
            for part in answer.iter_raw():
                body += part
                if len(body) > MOST:
                    raise SignOnWrong(reason="answer")
                if time.monotonic() > end:
                    raise SignOnUnreachable
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise SignOnUnreachable from error
    if answer.status_code >= 500:
        raise SignOnUnreachable
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SignOnWrong(reason="answer") from error
    if not isinstance(told, dict):
        raise SignOnWrong(reason="answer")
    return answer.status_code, told


def _secret(settings: Settings) -> str:
    try:
        return settings.client_secret()
    except SettingInvalid as error:
        raise SignOnWrong(reason="secret") from error


def _same_place(url: str, issuer: str) -> bool:
    try:
        here, there = urlsplit(url), urlsplit(issuer)
        return (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        return False


def _with(url: str, asked: Mapping[str, str]) -> str:
    return url + ("&" if urlsplit(url).query else "?") + urlencode(asked)


def _number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
