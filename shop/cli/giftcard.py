"""`shop giftcard`: gift cards for the drawer, each with a code that is told once."""

import asyncio
from datetime import datetime
from decimal import Decimal, InvalidOperation

import click

from shop.cli.database import note, ready_settings
from shop.kit.db import Database
from shop.kit.settings import Settings


class _Amount(click.ParamType[Decimal]):
    name = "amount"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value} is no amount.", param, ctx)
        if not amount.is_finite():
            self.fail(f"{value} is no amount.", param, ctx)
        return amount


@click.group()
def command() -> None:
    """Gift cards: issue one, with a code that is told once."""


@command.command()
@click.argument("amount", type=_Amount())
@click.argument("currency")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it can be spent.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by; may be repeated.")
@click.option("--code", help="A code of your own, 8 characters or more; left out: one that nobody guesses.")
def create(amount: Decimal, currency: str, expires: datetime | None, tags: tuple[str, ...], code: str | None) -> None:
    """Issue a card of AMOUNT in CURRENCY and print its code. It is stored as a digest: nobody can read it again."""
    from shop.giftcards.actions import Issued, NewCard, issue

    new = NewCard(amount, currency.upper(), code, None if expires is None else expires.date(), tags)

    async def work(settings: Settings) -> Issued:
        assert settings.database_url is not None
        database = Database(settings.database_url, pool_size=1)
        try:
            return await database.run(lambda session: issue(session, new))
        finally:
            await database.close()

    with ready_settings(note) as settings:
        issued = asyncio.run(work(settings))
    click.echo(issued.code)
