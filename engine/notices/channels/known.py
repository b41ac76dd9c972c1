"""The channels there are; a new one is a file beside these and a place in the tuple."""

from engine.notices.channels import mail, webhook
from engine.settings import Settings

CHANNELS = (mail.CHANNEL, webhook.CHANNEL)


def any_on(settings: Settings) -> bool:
    """Whether a notice leaves the house at all."""
    return any(one.is_on(settings) for one in CHANNELS)
