"""`shop promotion`: discounts that nobody has to ask for."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from shop.cli.database import in_database
from shop.cli.discounting import Number, Wish, options, targets, worth

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@click.group()
def command() -> None:
    """Promotions: make one, or end it."""


@command.command()
@click.argument("name")
@options
@click.option("--minimum-cart", type=Number(), help="What goods must cost together, where none are named.")
@click.option("--maximum-cart", type=Number(), help="What they may cost at most.")
def create(name: str, minimum_cart: Decimal | None, maximum_cart: Decimal | None, **given: Any) -> None:
    """Make a promotion called NAME: of the named goods, in the catalogue; or, without any, of whole carts.

    \b
    shop promotion create "Softer nights" --percent 20 --product silk-pillowcase
    shop promotion create "Big carts" --amount default-channel=15 --minimum-cart 200
    """  # noqa: D301 - click reads this character: the lines below it stay lines
    wish = Wish(**given)

    async def work(session: "AsyncSession") -> None:
        from shop.discounts.actions import NewPromotion, NewRule, RuleChannel, create_promotion
        from shop.kit import clock

        goods = await targets(session, wish)
        rules = [
            NewRule(
                channels=[RuleChannel(channel.channel_id, channel.currency)],
                value=channel.value,
                value_type=wish.value_type,
                name=channel.slug,
                targets=goods,
                minimum_amount=minimum_cart,
                maximum_amount=maximum_cart,
            )
            for channel in await worth(session, wish)
        ]
        new = NewPromotion(name, rules, "CATALOGUE" if goods else "ORDER", wish.starts_at, wish.ends_at)
        await create_promotion(session, new, now=clock.now())

    in_database(work)
    click.echo(f"{name} is made.")


@command.command()
@click.argument("name")
def delete(name: str) -> None:
    """Delete every promotion called NAME; prices are as before."""

    async def work(session: "AsyncSession") -> int:
        from sqlalchemy import select

        from shop.discounts.actions import delete_promotion
        from shop.discounts.models import Promotion
        from shop.kit import clock
        from shop.kit.errors import NotFound

        keys = list((await session.execute(select(Promotion.id).where(Promotion.name == name))).scalars())
        if not keys:
            raise NotFound(f"There is no promotion called {name}.")
        for key in keys:
            await delete_promotion(session, key, now=clock.now())
        return len(keys)

    click.echo(f"Deleted: {in_database(work)}.")
