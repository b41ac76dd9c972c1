"""What a channel is: whether the settings switch it on, and how it hands over one message."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from engine.errors import Problem
from engine.settings import Settings


class ChannelFailed(Problem):
    """The other side did not take it; the job tries again later."""

    code, status = "notice.channel-failed", 502
    channel: str
    reason: str
    gone: bool = False
    """The other side is not there at all: the next message need not be tried now."""


@dataclass(frozen=True, slots=True)
class Message:
    """One notice to one person, ready to be read."""

    id: str
    """The same every time it is sent: who gets it twice can tell."""
    about: str
    account_id: str
    name: str
    mail: str
    subject: str
    text: str
    link: str
    at: str
    foot: str = ""
    """How to have no more of these."""


Send: TypeAlias = Callable[[Settings, Message], bool]
"""Hand a message over; False if this person cannot be reached so. Raises ChannelFailed."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to people who are not looking at the page."""

    name: str
    is_on: Callable[[Settings], bool]
    send: Send
