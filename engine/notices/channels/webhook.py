"""By webhook: JSON to another program, signed so that it knows who sent it and that nothing was changed.

`Yibiao-Signature: t=<seconds>,v1=<hex>` is the HMAC-SHA-256 of `<seconds>.<body>` with the shared
secret; a receiver refuses an old `t`, and a `Yibiao-Delivery` that it has seen.
"""

import hashlib
import hmac
import http.client
import ssl
from datetime import datetime
from urllib.parse import urlsplit

from engine import json_text
from engine.notices.channels.contract import Channel, ChannelFailed, Message
from engine.settings import Settings

SECONDS = 20


def send(settings: Settings, message: Message) -> bool:
    """Post one message; anything but 2xx is tried again. Raises ChannelFailed."""
    url = urlsplit(settings.webhook_url)
    body = json_text.dumps(
        {
            "id": message.id,
            "about": message.about,
            "account": message.account_id,
            "subject": message.subject,
            "text": message.text,
            "link": message.link,
            "at": message.at,
        }
    ).encode()
    seconds = int(datetime.fromisoformat(message.at).timestamp())
    headers = {
        "Content-Type": "application/json",
        "Yibiao-Delivery": message.id,
        "Yibiao-Signature": signature(settings.webhook_secret, seconds, body),
    }
    try:
        status = _posted(
            url.scheme,
            url.netloc,
            f"{url.path or '/'}{'?' + url.query if url.query else ''}",
            body,
            headers,
        )
    except (OSError, http.client.HTTPException) as error:
        raise ChannelFailed(channel="webhook", reason=type(error).__name__, gone=True) from error
    if not 200 <= status < 300:
        raise ChannelFailed(channel="webhook", reason=str(status))
    return True


def signature(secret: str, seconds: int, body: bytes) -> str:
    """The header's value for a body."""
    mark = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={mark}"


def _posted(scheme: str, place: str, path: str, body: bytes, headers: dict[str, str]) -> int:
    connection: http.client.HTTPConnection
    if scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(place, timeout=SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection(place, timeout=SECONDS)
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _is_on(settings: Settings) -> bool:
    url = urlsplit(settings.webhook_url)
    return bool(settings.webhook_secret) and url.scheme in ("http", "https") and bool(url.netloc)


CHANNEL = Channel("webhook", _is_on, send)
