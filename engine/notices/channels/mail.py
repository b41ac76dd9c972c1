"""By mail, over the office's SMTP server: to people who have given an address."""

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formataddr, make_msgid

from engine.notices.channels.contract import Channel, ChannelFailed, Message
from engine.settings import Settings

SECONDS = 20


def send(settings: Settings, message: Message) -> bool:
    """Hand one mail to the server. Raises ChannelFailed."""
    if not message.mail:
        return False
    try:
        with _connected(settings) as server:
            server.send_message(_written(settings, message), to_addrs=[message.mail])
    except (OSError, smtplib.SMTPException) as error:
        gone = not isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
        raise ChannelFailed(channel="mail", reason=type(error).__name__, gone=gone) from error
    return True


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS)
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
    if settings.smtp_user:
        server.login(settings.smtp_user, settings.smtp_password)
    return server


def _written(settings: Settings, message: Message) -> EmailMessage:
    """The mail; its id is the message's, so that one sent twice is one to a mail program."""
    found = EmailMessage()
    found["Subject"] = _line(message.subject)
    found["From"] = formataddr(("一表", settings.mail_from))
    found["To"] = Address(_plain(message.name), addr_spec=message.mail)
    domain = settings.mail_from.rpartition("@")[2] or "localhost"
    found["Message-ID"] = f"<{message.id}@{domain}>" if message.id else make_msgid(domain=domain)
    foot = f"\n-- \n{message.foot}\n" if message.foot else ""
    found.set_content(f"{message.text}\n\n{message.link}\n{foot}")
    return found


def _line(text: str) -> str:
    """Without line breaks, plain or in an encoded word: a header of one's own could be written otherwise."""
    return " ".join(text.replace("=?", "= ?").split())


def _plain(name: str) -> str:
    """Letters and digits of a name: signs that part addresses could name another receiver."""
    kept = "".join(one if one.isalnum() or one in "·-" else " " for one in name)
    return " ".join(kept.split())[:60]


CHANNEL = Channel("mail", lambda settings: bool(settings.smtp_host and settings.mail_from), send)
