"""A browser or program in a few words, from what it calls itself; never more than a help for the memory."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from admin.views import words
from admin.web.html import text
from engine.identity.sessions import SessionRecord

SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"), ("Android", "Android"),
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("UOS", "UOS"), ("Linux", "Linux"),
)  # fmt: skip
BROWSERS = (
    ("MicroMessenger", "微信"), ("wxwork", "企业微信"), ("DingTalk", "钉钉"), ("Edg", "Edge"),
    ("QQBrowser", "QQ"), ("360SE", "360"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
FRESH = timedelta(days=7)
"""For so long a device counts as new."""


def named(agent: str, language: str) -> str:
    """For example `Windows · Edge`; a program by the first word of its name."""
    found = [
        next((name for sign, name in table if sign in agent), "") for table in (SYSTEMS, BROWSERS)
    ]
    known = " · ".join(one for one in found if one)
    program = agent.split("/", maxsplit=1)[0].split(" ", maxsplit=1)[0][:30]
    return known or program or text(language, "account.device.unknown")


def rows(
    found: Sequence[SessionRecord], language: str, *, now: datetime, current: str = ""
) -> list[dict[str, Any]]:
    """Log-ins for a page; `current` is the id of the one the page is shown in."""
    first = min((one.device_since for one in found if one.device_since), default="")
    fresh = (now - FRESH).isoformat()
    return [
        {
            "id": one.id,
            "device": named(one.agent, language),
            "address": one.address,
            "at": words.moment(one.created_at),
            "seen": words.moment(one.seen_at),
            "until": words.moment(one.expires_at),
            "new": bool(one.device_since) and one.device_since > max(fresh, first),
            "current": one.id == current,
        }
        for one in found
    ]
