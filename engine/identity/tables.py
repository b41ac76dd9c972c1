"""Fixed tables of identity. A division is a place on the map; an organisation is who works there."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, String, false
from sqlmodel import Field, SQLModel

from engine.storage.columns import CODE, MOMENT, JsonText


class Division(SQLModel, table=True):
    """An administrative division (GB/T 2260, GB/T 10114) for the time its code is valid."""

    __tablename__ = "division"
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    valid_from: str = Field(sa_column=Column(MOMENT, primary_key=True))
    valid_to: str | None = Field(default=None, sa_column=Column(MOMENT))
    name: str
    level: str
    parent_code: str | None = Field(default=None, sa_column=Column(CODE))


class Boundary(SQLModel, table=True):
    """Where a division lies, from a file that an office brought; see `boundaries`."""

    __tablename__ = "boundary"
    division_code: str = Field(sa_column=Column(CODE, primary_key=True))
    outline: Any = Field(sa_column=Column(JsonText, nullable=False))
    kept_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class Organisation(SQLModel, table=True):
    """An organisation or an office in one; `path` holds the codes of all above it and itself."""

    __tablename__ = "organisation"
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    name: str
    kind: str
    """province city county town village office"""
    division_code: str = Field(sa_column=Column(CODE, nullable=False))
    parent_code: str | None = Field(default=None, sa_column=Column(CODE, index=True))
    path: str = Field(sa_column=Column(CODE, nullable=False, index=True))
    valid_from: str = Field(sa_column=Column(MOMENT, nullable=False))
    valid_to: str | None = Field(default=None, sa_column=Column(MOMENT))


class OrganisationChange(SQLModel, table=True):
    """Units renamed, moved, merged, parted: what was wished, what came of it, whether it stands."""

    __tablename__ = "organisation_change"
    __table_args__ = (Index("organisation_change_order", "state", "effective", "done_at"),)
    id: str = Field(primary_key=True)
    kind: str
    state: str
    """waiting | done | undone | cancelled | failed"""
    effective: str = Field(sa_column=Column(MOMENT, nullable=False))
    number: str
    """Of the document that orders it."""
    title: str
    """The units as they were called, for lists."""
    wish: Any = Field(sa_column=Column(JsonText, nullable=False))
    steps: Any = Field(default=None, sa_column=Column(JsonText))
    """What became of each unit; none before it is done."""
    problem: Any = Field(default=None, sa_column=Column(JsonText))
    """Why it could not be done on its day."""
    carrying: bool = False
    """Values of registers still go over to the new units."""
    asked_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    asked_by: str
    asked_name: str
    done_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    """When it was undone or cancelled."""
    ended_name: str = ""


class OrganisationEffect(SQLModel, table=True):
    """One thing a change of organisations did beside the tree: which cell of which row, and what it was."""

    __tablename__ = "organisation_effect"
    change_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    what: str
    """The table."""
    row: str
    cell: str
    """The column; `+` for a row that was added, `end` for a case that was ended."""
    before: Any = Field(default=None, sa_column=Column(JsonText))
    after: Any = Field(default=None, sa_column=Column(JsonText))


class OrganisationFormer(SQLModel, table=True):
    """What a unit was until a day, and who stands in its place today: made from the changes in force."""

    __tablename__ = "organisation_former"
    __table_args__ = (
        Index("organisation_former_of", "code", "until"),
        Index("organisation_former_place", "now_path"),
        Index("organisation_former_now", "now", "code"),
    )
    change_id: str = Field(primary_key=True)
    code: str = Field(sa_column=Column(CODE, primary_key=True))
    now: str = Field(sa_column=Column(CODE, primary_key=True))
    """Empty: nobody."""
    name: str
    path: str = Field(sa_column=Column(CODE, nullable=False))
    until: str = Field(sa_column=Column(MOMENT, nullable=False))
    now_path: str = Field(sa_column=Column(CODE, nullable=False))


class Account(SQLModel, table=True):
    """A person who can log in."""

    __tablename__ = "account"
    id: str = Field(primary_key=True)
    login: str = Field(unique=True)
    name: str
    password_hash: str
    phone: str = ""
    mail: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """Where notices are sent; the person gives it."""
    language: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """In which language they read, as last chosen; none: the installation's."""
    active: bool = True
    kind: str = Field(
        default="person", sa_column=Column(String, nullable=False, server_default="person")
    )
    """person, or service for a program that carries tokens"""
    failed: int = 0
    locked_until: str | None = Field(default=None, sa_column=Column(MOMENT))
    password_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    """Since when the password is in force; none: since the account is there."""
    password_change: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    """Somebody else knows the password: it is changed before anything else is done."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class Position(SQLModel, table=True):
    """An account holds a role in an organisation for a time."""

    __tablename__ = "position"
    __table_args__ = (Index("position_by_place", "organisation_code", "role"),)
    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    role: str
    organisation_code: str = Field(sa_column=Column(CODE, nullable=False))
    valid_from: str = Field(sa_column=Column(MOMENT, nullable=False))
    valid_to: str | None = Field(default=None, sa_column=Column(MOMENT))


class LoginSession(SQLModel, table=True):
    """A log-in on the server side: only a digest of its token is kept."""

    __tablename__ = "login_session"
    token_digest: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    csrf: str
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    expires_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    seen_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    agent: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """What the browser or program calls itself."""
    address: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    device: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """A digest of the mark its device carries."""
    proved: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """By which second factor, if one was asked for and given."""
    way: str = Field(default="", sa_column=Column(String, nullable=False, server_default=""))
    """How it was opened: `sso` at the provider, or empty: here."""


class LoginDevice(SQLModel, table=True):
    """A device that an account has logged in with."""

    __tablename__ = "login_device"
    account_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    first_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    last_at: str = Field(sa_column=Column(MOMENT, nullable=False))


class LoginTry(SQLModel, table=True):
    """Wrong log-ins by a name that no account has: counted and locked as if it were one."""

    __tablename__ = "login_try"
    digest: str = Field(primary_key=True)
    failed: int = 0
    locked_until: str | None = Field(default=None, sa_column=Column(MOMENT))
    at: str = Field(sa_column=Column(MOMENT, nullable=False, index=True))


class RateCount(SQLModel, table=True):
    """How often something was done in a minute by one account or address, on all nodes together."""

    __tablename__ = "rate_count"
    digest: str = Field(primary_key=True)
    """Of what it is, and whose."""
    minute: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))
    """Since 1970."""
    taken: int = 0


class PastPassword(SQLModel, table=True):
    """A password that an account had before, as its hash: it is not taken again for a while."""

    __tablename__ = "past_password"
    account_id: str = Field(primary_key=True)
    at: str = Field(sa_column=Column(MOMENT, primary_key=True))
    password_hash: str


class Factor(SQLModel, table=True):
    """A second factor of an account; in force when it is confirmed."""

    __tablename__ = "factor"
    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    kind: str
    """totp or passkey"""
    name: str = ""
    secret: str | None = None
    """Of an app: sealed, tied to this row."""
    credential: str | None = Field(default=None, unique=True)
    """Of a passkey: by which the browser names it."""
    public: str | None = None
    """Of a passkey: its public key."""
    counter: int = Field(default=-1, sa_column=Column(BigInteger, nullable=False))
    """The last period of an app, or use of a passkey: nothing up to it proves anything again."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    confirmed_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    used_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class RecoveryCode(SQLModel, table=True):
    """A code that stands in for a lost factor, once; only a keyed digest of it is kept."""

    __tablename__ = "recovery_code"
    account_id: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    used_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class PasskeyChallenge(SQLModel, table=True):
    """What a visitor's device is asked before it proves somebody; taken once, within minutes."""

    __tablename__ = "passkey_challenge"
    digest: str = Field(primary_key=True)
    """Of the token that the visitor's forms carry."""
    challenge: str
    at: str = Field(sa_column=Column(MOMENT, nullable=False, index=True))


class SignOnTrip(SQLModel, table=True):
    """Somebody is at the provider of single sign-on; taken once, within minutes."""

    __tablename__ = "sign_on_trip"
    digest: str = Field(primary_key=True)
    """Of the secret that the browser keeps meanwhile."""
    back: str
    at: str = Field(sa_column=Column(MOMENT, nullable=False, index=True))


class SignOnBinding(SQLModel, table=True):
    """Which account somebody is whom the provider of single sign-on has proved."""

    __tablename__ = "sign_on_binding"
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str


class FactorReset(SQLModel, table=True):
    """A lost device: one administrator asks that an account's factors be taken away, another confirms."""

    __tablename__ = "factor_reset"
    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    asked_by: str
    asked_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    reason: str
    decided_by: str | None = None
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    outcome: str = ""
    """done refused lapsed"""


class ServiceToken(SQLModel, table=True):
    """By which a program uses the API; only a keyed digest of it is kept."""

    __tablename__ = "service_token"
    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    name: str
    digest: str = Field(unique=True)
    operations: str
    """`group:read` and `group:change`, between blanks."""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str
    expires_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    used_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    used_from: str = ""
    ended_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class AccessReview(SQLModel, table=True):
    """One review of who may what."""

    __tablename__ = "access_review"
    id: str = Field(primary_key=True)
    begun_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    begun_by: str
    due_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    closed_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class AccessReviewItem(SQLModel, table=True):
    """A position under review, and what was decided."""

    __tablename__ = "access_review_item"
    review_id: str = Field(primary_key=True)
    position_id: str = Field(primary_key=True)
    decided: str = ""
    """kept ended gone, or empty: not yet"""
    decided_by: str = ""
    decided_at: str | None = Field(default=None, sa_column=Column(MOMENT))


class AbsenceRow(SQLModel, table=True):
    """Somebody is away for a time, or has left for good; a deputy may stand in."""

    __tablename__ = "absence"
    id: str = Field(primary_key=True)
    account_id: str = Field(index=True)
    deputy_id: str | None = Field(default=None, index=True)
    has_left: bool = False
    starts_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    ends_at: str | None = Field(default=None, sa_column=Column(MOMENT))
    reason: str = ""
    created_at: str = Field(sa_column=Column(MOMENT, nullable=False))
    created_by: str = ""
