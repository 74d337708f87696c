"""`shop stripe`: connect to Stripe, or run the stand-in for it."""

import os
from pathlib import Path

import click

from shop.cli.database import note, ready_settings
from shop.cli.state import make_folder
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings


@click.group()
def command() -> None:
    """Payments: connect to Stripe, or run its local stand-in."""


@command.command()
@click.argument("url")
def setup(url: str) -> None:
    """Create the webhook endpoint at Stripe for a shop at URL, and keep its secret, encrypted, in the database."""
    with ready_settings(note) as settings:
        if settings.stripe_secret_key is None:
            raise Trouble(
                "There is no Stripe key to set up with.",
                cause="SHOP_STRIPE_SECRET_KEY is not set.",
                remedy="Set it to the secret key (sk_…) from Stripe's dashboard, then run this again.",
            )
        from shop.cli.stripe_setup import create_endpoint

        click.echo(create_endpoint(settings, url))


@command.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8020, show_default=True, help="Port to listen on.")
@click.option("--state", type=click.Path(path_type=Path), help="File of its payments; default: in the state folder.")
@click.option("--public-url", help="Where browsers reach it; default: the address it listens on.")
@click.option("--webhook-url", help="Where it reports payments, signed with SHOP_STRIPE_WEBHOOK_SECRET.")
def sandbox(host: str, port: int, state: Path | None, public_url: str | None, webhook_url: str | None) -> None:
    """Run a stand-in that speaks Stripe's protocol. 'shop dev' starts it by itself where no Stripe key is set."""
    from shop.sandbox.server import run
    from shop.sandbox.settings import SandboxSettings

    if state is None:
        folder = Settings().state_folder
        make_folder(folder)
        state = folder / "sandbox.sqlite"
    run(
        SandboxSettings(
            state_path=state,
            public_url=public_url or f"http://{host}:{port}",
            webhook_url=webhook_url,
            webhook_secret=os.environ.get("SHOP_STRIPE_WEBHOOK_SECRET"),
        ),
        host,
        port,
    )
