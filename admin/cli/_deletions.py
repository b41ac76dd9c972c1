"""What `erase` and `retention` share: a certificate with its signature checked, and carrying out here and now."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from admin.cli._shared import installation, refuse
from engine.identity.actor import Actor
from engine.work import Work


def certificate(keeper: Actor, get: Callable[[Work], Any], done: str) -> None:
    """Print the certificate of a deletion that is done, and its signature; refuses one that does not fit."""
    from engine.crypto.vault import witnessed

    with installation() as system:
        with system.read(keeper) as work:
            one = get(work)
        if one.state != done:
            refuse(f"还没有做完 · not done yet: {one.state}")
        good = witnessed(one.certificate(), one.signature, system.vault.public_key())
    click.echo(one.certificate())
    click.echo(one.signature)
    if not good:
        refuse("签名不对 · the signature does not fit")


def carry_out(
    keeper: Actor,
    approved: Callable[[Work], Sequence[str]],
    turn: Callable[[Work, str], bool],
) -> None:
    """Do all of what was approved, a turn in each transaction, without waiting for the jobs."""
    from admin import working

    working.load()
    with installation() as system:
        with system.read(keeper) as work:
            waiting = approved(work)
        for own in waiting:
            while system.write(keeper, lambda work, own=own: turn(work, own)):  # type: ignore[misc]  # a lambda's default has its argument's type
                pass
    click.echo(f"{len(waiting)} 份已做完 · done")
