"""`shop keys`: another key to sign log-ins with, while those signed with the old one stay good."""

import click
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from shop.cli.database import note
from shop.cli.state import keep_signing_key, new_signing_key, with_secrets
from shop.cli.trouble import Trouble
from shop.kit.settings import Environment, Settings


@click.group()
def command() -> None:
    """Keys that sign log-ins: replace the one in use."""


@command.command()
def rotate() -> None:
    """Make another key to sign tokens with; tokens of the one in use stay good until they end.

    Development keeps it in the state folder. Elsewhere both settings are printed, for the place where you keep them;
    what was printed to the terminal before is nobody's business, so nothing else is.
    """
    chosen = Settings()
    settings = with_secrets(chosen)
    if settings.jwt_private_key is None:
        raise Trouble(
            "There is no key to replace.",
            cause="SHOP_JWT_PRIVATE_KEY is not set.",
            remedy="Make one with `openssl genrsa 2048` and set it.",
        )
    in_use = load_pem_private_key(settings.jwt_private_key.get_secret_value().encode(), password=None)
    public = in_use.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    previous = public + (settings.jwt_previous_public_keys or "")
    made = new_signing_key()
    if settings.environment is Environment.DEVELOPMENT and chosen.jwt_private_key is None:
        keep_signing_key(settings.state_folder, made, previous)
        click.echo("New log-ins are signed with another key once the shop is started again.")
    else:
        click.echo(f'SHOP_JWT_PRIVATE_KEY="{made}"\nSHOP_JWT_PREVIOUS_PUBLIC_KEYS="{previous}"')
    note(f"The keys before may be forgotten in {settings.refresh_token_days} days: by then their last token has ended.")
