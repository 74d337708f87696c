"""`shop stripe`: connect to Stripe, or run the stand-in for it."""

import asyncio
import gc
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shop.cli.database import note, ready_settings
from shop.cli.serving import address_of, listen
from shop.cli.state import make_folder
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings

if TYPE_CHECKING:
    from shop.payments.stripe.setup import Endpoint


@click.group()
def command() -> None:
    """Payments: connect to Stripe, or run its local stand-in."""


@command.command()
@click.argument("url")
def setup(url: str) -> None:
    """Make the webhook endpoint at Stripe for the shop at URL, and keep its secret, encrypted, in the database.

    Run again, it makes a new secret; what Stripe still sends with the old one is understood.
    """
    if not url.startswith("https://"):
        raise click.BadParameter("Stripe sends to https:// addresses only.", param_hint="URL")
    with ready_settings(note) as settings:
        endpoint = asyncio.run(_setup(settings, url))
    replaced = f", instead of {', '.join(endpoint.replaced)}" if endpoint.replaced else ""
    click.echo(f"Stripe now reports to {endpoint.url} ({endpoint.id}{replaced}).")


async def _setup(settings: Settings, url: str) -> "Endpoint":
    from shop.kit.db import Database
    from shop.payments.stripe import provider
    from shop.payments.stripe.setup import setup as make_endpoint

    stripe = provider(settings)
    if stripe is None or settings.database_url is None:
        raise Trouble(
            "There is no Stripe key to set up with.",
            cause="SHOP_STRIPE_SECRET_KEY is not set.",
            remedy="Set it to the secret key (sk_…) from Stripe's dashboard, then run this again.",
        )
    database = Database(settings.database_url, pool_size=1)
    try:
        return await make_endpoint(database, stripe, settings, url)
    except Exception as error:
        # The provider's own errors; only payments/stripe may import their classes.
        if not type(error).__module__.startswith("stripe"):
            raise
        raise Trouble(
            "Stripe refused to make the endpoint.",
            cause=str(error),
            remedy="Check SHOP_STRIPE_SECRET_KEY and URL; a restricted key needs write access to webhook endpoints.",
        ) from error
    finally:
        await database.close()


@command.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8020, show_default=True, help="Port to listen on.")
@click.option("--fd", type=int, help="A listening socket that the caller opened, instead of host and port.")
@click.option("--state", type=click.Path(path_type=Path), help="File of its payments; default: in the state folder.")
@click.option("--public-url", help="Where browsers reach it; default: the address it listens on.")
@click.option("--webhook-url", help="Where it reports payments, signed with SHOP_STRIPE_WEBHOOK_SECRET.")
def sandbox(
    host: str, port: int, fd: int | None, state: Path | None, public_url: str | None, webhook_url: str | None
) -> None:
    """Run a stand-in that speaks Stripe's protocol. 'shop dev' starts it by itself where no Stripe key is set."""
    # Nothing that is imported is garbage, and looking for some takes a tenth of the start; enabled when it serves.
    gc.disable()
    from shop.sandbox.server import run
    from shop.sandbox.settings import SandboxSettings

    listener = listen(host, port) if fd is None else socket.socket(fileno=fd)
    if state is None:
        folder = Settings().state_folder
        make_folder(folder)
        state = folder / "sandbox.sqlite"
    run(
        SandboxSettings(
            state_path=state,
            public_url=public_url or address_of(listener),
            webhook_url=webhook_url,
            webhook_secret=os.environ.get("SHOP_STRIPE_WEBHOOK_SECRET"),
        ),
        listener,
    )
