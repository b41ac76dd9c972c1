"""Passkeys (WebAuthn): a key that a phone, a computer or a stick keeps, bound to this house's address.

A challenge is kept for five minutes under the visitor's token and taken once. As a second factor the
password goes before; alone it logs in when the device has verified its owner (finger, face, PIN).
"""

import base64
import hashlib
import ipaddress
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, or_, select, update

from engine import clock
from engine.errors import Problem
from engine.identity.factors import store
from engine.identity.factors.store import FACTOR, PASSKEY
from engine.identity.tables import PasskeyChallenge
from engine.settings import Settings
from engine.work import Work

CHALLENGE = PasskeyChallenge.__table__  # type: ignore[attr-defined]  # SQLModel sets it on table classes
LASTS = timedelta(minutes=5)
LONGEST = 20_000


class PasskeyWrong(Problem):
    """What the device answered proves nothing: another house, another key, too late, or used before."""

    code, status = "login.passkey-wrong", 401


class PasskeyElsewhere(Problem):
    """Browsers keep passkeys only for a name over HTTPS, or for localhost."""

    code, status = "account.passkey-elsewhere", 409


@dataclass(frozen=True, slots=True)
class Place:
    """What a passkey is bound to."""

    origin: str
    host: str


def place_of(settings: Settings) -> Place | None:
    """The house as browsers see it; None where they keep no passkeys for it."""
    found = urlsplit(settings.public_url)
    host = found.hostname or ""
    if host != "localhost" and (found.scheme != "https" or "." not in host):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Place(f"{found.scheme}://{found.netloc}", host)
    return None


def challenge(work: Work, token: str) -> None:
    """Keep a fresh challenge for the visitor with this token, in the place of an earlier one."""
    digest, at = _digest(token), clock.stamp(work.now)
    old = or_(CHALLENGE.c.digest == digest, CHALLENGE.c.at < clock.stamp(work.now - LASTS))
    work.connection.execute(delete(CHALLENGE).where(old))
    row = {"digest": digest, "challenge": secrets.token_urlsafe(32), "at": at}
    work.connection.execute(insert(CHALLENGE), row)


def challenged(work: Work, token: str) -> str | None:
    """The visitor's challenge, while it holds."""
    query = select(CHALLENGE.c.challenge).where(
        CHALLENGE.c.digest == _digest(token), CHALLENGE.c.at >= clock.stamp(work.now - LASTS)
    )
    found: str | None = work.connection.execute(query).scalar()
    return found


def creation_options(work: Work, place: Place, given: str) -> str:
    """What the browser is asked in order to make a passkey for the acting person, as JSON."""
    import webauthn  # 0.3 s: only where passkeys are used
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=place.host,
        rp_name="Yibiao 一表",
        user_id=work.actor.id.encode(),
        user_name=work.actor.login,
        user_display_name=work.actor.name,
        challenge=given.encode(),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.PREFERRED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(work),
    )
    return webauthn.options_to_json(options)


def request_options(work: Work, place: Place, given: str, *, of_actor: bool) -> str:
    """What the browser is asked in order to prove somebody: the acting person, or whoever it is."""
    import webauthn  # as above
    from webauthn.helpers import structs

    need = structs.UserVerificationRequirement
    options = webauthn.generate_authentication_options(
        rp_id=place.host,
        challenge=given.encode(),
        allow_credentials=_descriptors(work) if of_actor else [],
        user_verification=need.PREFERRED if of_actor else need.REQUIRED,
    )
    return webauthn.options_to_json(options)


def add(work: Work, token: str, answer: str, name: str) -> None:
    """Put a passkey of the acting person in force. Raises PasskeyWrong, PasskeyElsewhere, FactorTooMany."""
    import webauthn  # as above
    from webauthn.helpers.exceptions import WebAuthnException

    store.refuse_more(work)
    place, given = _taken(work, token)
    try:
        made = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=given.encode(),
            expected_rp_id=place.host,
            expected_origin=place.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyWrong from error
    credential = _text(made.credential_id)
    known = select(FACTOR.c.id).where(FACTOR.c.credential == credential)
    if work.connection.execute(known).first() is not None:
        raise PasskeyWrong
    factor = work.new_id()
    public = _text(made.credential_public_key)
    store.add(work, factor, PASSKEY, credential=credential, public=public)
    store.put_in_force(work, factor, name, made.sign_count)


def prove(work: Work, token: str, answer: str, *, account_id: str = "") -> str:
    """Whose passkey answered the visitor's challenge, as an account id; of one account if it is given.

    Without an account the device must have verified its owner. Raises PasskeyWrong, PasskeyElsewhere.
    """
    import webauthn  # as above
    from webauthn.helpers.exceptions import WebAuthnException

    place, given = _taken(work, token)
    parsed = _parsed(answer)
    query = select(FACTOR).where(
        FACTOR.c.credential == str(parsed.get("id", "")),
        FACTOR.c.kind == PASSKEY,
        FACTOR.c.confirmed_at.is_not(None),
    )
    row = work.connection.execute(query).first()
    if row is None or account_id not in ("", row.account_id):
        raise PasskeyWrong
    try:
        proved = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=given.encode(),
            expected_rp_id=place.host,
            expected_origin=place.origin,
            credential_public_key=_bytes(row.public),
            credential_current_sign_count=max(row.counter, 0),
            require_user_verification=not account_id,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyWrong from error
    count = proved.new_sign_count  # nought for ever where a device does not count
    fresh = FACTOR.c.id == row.id, or_(FACTOR.c.counter < count, FACTOR.c.counter + count == 0)
    changed = update(FACTOR).where(*fresh).values(counter=count, used_at=work.at)
    if not work.connection.execute(changed).rowcount:
        raise PasskeyWrong
    return str(row.account_id)


def _taken(work: Work, token: str) -> tuple[Place, str]:
    place, given = place_of(work.settings), challenged(work, token)
    if place is None:
        raise PasskeyElsewhere
    if given is None:
        raise PasskeyWrong
    where = CHALLENGE.c.digest == _digest(token), CHALLENGE.c.challenge == given
    if not work.connection.execute(delete(CHALLENGE).where(*where)).rowcount:
        raise PasskeyWrong
    return place, given


def _parsed(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer) if len(answer) <= LONGEST else None
    except (ValueError, RecursionError) as error:
        raise PasskeyWrong from error
    if not isinstance(found, dict):
        raise PasskeyWrong
    return found


def _descriptors(work: Work) -> list[Any]:
    from webauthn.helpers import structs  # as above

    query = select(FACTOR.c.credential).where(
        FACTOR.c.account_id == work.actor.id,
        FACTOR.c.kind == PASSKEY,
        FACTOR.c.confirmed_at.is_not(None),
    )
    return [
        structs.PublicKeyCredentialDescriptor(id=_bytes(one))
        for one in work.connection.execute(query).scalars()
    ]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
