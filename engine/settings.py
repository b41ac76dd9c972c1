"""Settings: defaults, then one TOML file, then the environment; frozen once read.

`yibiao.toml` (or the file named by YIBIAO_CONFIG) holds `name = value`; YIBIAO_<NAME> overrides it.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engine import clock
from engine.errors import Problem
from engine.workdays.calendar import Hours, PlanInvalid, read_hours

ROOT = Path(__file__).resolve().parent.parent
SWITCHES = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}
CHOICES = {
    "cryptography": ("intl", "sm"),
    "second_factor": ("optional", "administrators", "sensitive", "everyone"),
}
ABSENCES = ("unknown", "inapplicable", "refused")
NUMBER = re.compile(r"[0-9]{1,9}")


class SettingInvalid(Problem):
    """A setting is unknown or its value is of the wrong kind; `where` says where it stands."""

    code, status = "settings.invalid", 500
    name: str
    where: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can choose."""

    database_url: str = ""
    """Where the data is: empty for SQLite in `data_dir`, or a PostgreSQL URL."""
    data_dir: str = "var"
    """Folder of the SQLite database, keys and logs; relative to the program's folder."""
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""
    """The address people use, for QR codes; empty: http://host:port."""
    language: str = "zh"
    time_zone: str = clock.OFFICE
    """Of the office's wall clock: due dates, "today", every time that is shown (an IANA name)."""
    working_hours: str = "08:30-12:00,13:30-17:30"
    """When the office works on a working day; deadlines in hours count these."""
    absence_words: str = ""
    """More words that mean an absence in sheets: `unknown=不清楚,查不到;refused=不愿说`; the first is written."""
    lead_hours: int = 4
    """A report is due so many working hours after it is sent at the earliest, or is marked urgent."""
    access_review_days: int = 182
    """After so many days a review of who may what is begun; 0: only by hand."""
    second_factor: str = "optional"
    """Of whom one is asked: optional, administrators, sensitive (those and who may see L3 and L4), everyone."""
    session_hours: int = 10
    session_idle_minutes: int = 60
    """Who does nothing for so long is logged out; 0: only when the hours are over."""
    password_length: int = 10
    """The shortest password."""
    password_kinds: int = 2
    """Of small letters, capitals, digits, signs and Chinese a password has so many kinds at least."""
    password_days: int = 90
    """After so many days another password is asked for; 0: never. The demonstration asks for none."""
    password_history: int = 5
    """So many earlier passwords are not taken again."""
    secure_cookies: bool = False
    """Set it when the page is served by HTTPS, as it must be outside one's own machine."""
    logins_per_minute: int = 60
    """From one address; an account has its own limit. 0 in any of these: no limit."""
    searches_per_minute: int = 120
    """Searches of ledgers and registers, and values lifted from behind their mask, by one account."""
    public_per_minute: int = 60
    """Pages and files of public lists, by one address."""
    exports_per_minute: int = 20
    """Files made or fetched by one account."""
    calls_per_minute: int = 600
    """Calls of the API by one token of a service account."""
    max_upload_mb: int = 20
    head_seconds: int = 20
    """A request's first lines arrive within so many seconds; 0: no limit."""
    body_seconds: int = 300
    """A request's content arrives within so many seconds; 0: no limit."""
    trusted_proxies: str = "127.0.0.1"
    """Whose word is taken for where a request came from: addresses of reverse proxies, with commas."""
    log_level: str = "INFO"
    smtp_host: str = ""
    """The office's mail server; with `mail_from` it switches notices by mail on."""
    smtp_port: int = 25
    smtp_security: str = "none"
    """none | starttls | tls"""
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    mail_from: str = ""
    webhook_url: str = ""
    """Where notices are posted as JSON; with `webhook_secret` it switches the webhook on."""
    webhook_secret: str = field(default="", repr=False)
    """Signs what is posted, so that the receiver knows it is ours."""
    http_hosts: str = ""
    """Hosts that steps of flows may call, with commas, each with its port where that is not the usual one."""
    http_secrets_file: str = ""
    """A file of `name = "value"` (TOML): secrets that such calls name in their headers."""
    oidc_issuer: str = ""
    """The provider of single sign-on (OpenID Connect); with `oidc_client_id` it switches it on."""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_client_secret_file: str = ""
    """A file that holds the secret, in its place."""
    oidc_label: str = ""
    """What stands on the button of the log-in page; empty: our own words."""
    oidc_second_factor: str = ""
    """Which of the provider's `amr` and `acr` count as a second factor, with commas; empty: ours is asked."""
    workers: int = 1
    """Threads of the server that do background jobs; 0 leaves them to `yibiao work`."""
    kek: str = field(default="", repr=False)
    """The key-encryption key, 64 hexadecimal digits; from the environment, never in a file of settings."""
    kek_file: str = ""
    """Where the key-encryption key is; empty: `kek.key` beside the data."""
    kek_command: str = ""
    """A program that speaks to a key service, in place of a key of ours."""
    cryptography: str = "intl"
    """intl (AES-256-GCM, SHA-256) or sm (SM4-GCM, SM3) for keys made from now on."""
    alert_rules: str = ""
    """A file of rules over the trail in place of ours (`engine/alerts/rules.json`)."""
    demo: bool = False
    """Whether this is the demonstration with its published log-ins."""

    @property
    def data_path(self) -> Path:
        """The data folder as an absolute path."""
        return ROOT / self.data_dir

    @property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_path / 'yibiao.db'}"

    @property
    def words_of_absence(self) -> dict[str, tuple[str, ...]]:
        """The office's own words for absences, by kind. ValueError for what is no list of them."""
        return read_words(self.absence_words)

    @property
    def hours(self) -> Hours:
        """The working hours as pairs of times."""
        return read_hours(self.working_hours)

    def client_secret(self) -> str:
        """The secret that single sign-on is made with, read anew each time. Raises SettingInvalid."""
        if not self.oidc_client_secret_file:
            return self.oidc_client_secret
        try:
            return Path(self.oidc_client_secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            name = "oidc_client_secret_file"
            raise SettingInvalid(name=name, where=self.oidc_client_secret_file) from error

    @property
    def public_url(self) -> str:
        """The address of this installation, without a slash at its end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings in force. Raises SettingInvalid."""
    env = os.environ if environment is None else environment
    given: dict[str, tuple[Any, str]] = {}
    named = env.get("YIBIAO_CONFIG")
    path = Path(named or ROOT / "yibiao.toml")
    if named or path.is_file():
        given.update({name: (value, str(path)) for name, value in _file(path).items()})
    for name, value in env.items():
        if name.startswith("YIBIAO_") and name != "YIBIAO_CONFIG":
            given[name.removeprefix("YIBIAO_").lower()] = (value, name)
    known = {field.name: field.type for field in fields(Settings)}
    values = {}
    for name, (value, where) in given.items():
        if name not in known:
            raise SettingInvalid(name=name, where=where)
        typed = _typed(value, known[name])
        if typed is None:
            raise SettingInvalid(name=name, where=where)
        values[name] = typed
    found = Settings(**values)
    readers: tuple[tuple[str, Callable[[str], object]], ...] = (
        ("time_zone", clock.zone_of),
        ("working_hours", read_hours),
        ("oidc_issuer", _issuer),
        ("absence_words", read_words),
    )
    for name, read in readers:
        try:
            read(getattr(found, name))
        except (ValueError, PlanInvalid) as error:
            raise SettingInvalid(name=name, where=given[name][1]) from error
    for name, choices in CHOICES.items():
        if getattr(found, name) not in choices:
            raise SettingInvalid(name=name, where=given[name][1])
    return found


def read_words(text: str) -> dict[str, tuple[str, ...]]:
    """Words by kind of absence, from `unknown=不清楚,查不到;refused=不愿说`. ValueError if it is not so."""
    found: dict[str, tuple[str, ...]] = {}
    for part in text.replace("；", ";").replace("，", ",").split(";"):
        kind, equals, told = part.partition("=")
        words = tuple(one.strip() for one in told.split(",") if one.strip())
        if not part.strip():
            continue
        if not equals or kind.strip() not in ABSENCES or not words:
            raise ValueError(part)
        found[kind.strip()] = words
    every = [one.lower() for words in found.values() for one in words]
    if len(every) != len(set(every)):
        raise ValueError(text)
    return found


def _file(path: Path) -> dict[str, Any]:
    try:
        # an editor on Windows may put a mark before the first character
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingInvalid(name=str(error), where=str(path)) from error


def _issuer(address: str) -> None:
    """Raises ValueError unless it is empty or an address over HTTPS; on this machine HTTP will do."""
    place = urlsplit(address)
    near = place.hostname in ("localhost", "127.0.0.1", "::1")
    safe = place.scheme == "https" or (near and place.scheme == "http")
    if address and not (safe and place.hostname and not place.query and not place.fragment):
        raise ValueError(address)


def _typed(value: Any, kind: Any) -> Any:
    """A value of the kind, from a file as it is, from the environment as text; None if it is none."""
    if type(value) is kind:
        return value
    if not isinstance(value, str):
        return None
    if kind is bool:
        return SWITCHES.get(value.strip().lower())
    return int(value) if kind is int and NUMBER.fullmatch(value) else None
