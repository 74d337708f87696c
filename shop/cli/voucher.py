"""`shop voucher`: discounts that shoppers ask for by a code."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from shop.cli.database import in_database
from shop.cli.discounting import InChannel, Wish, options, targets, worth

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

_TYPES = {"entire-order": "ENTIRE_ORDER", "goods": "SPECIFIC_PRODUCT", "delivery": "SHIPPING"}


@click.group()
def command() -> None:
    """Vouchers: make one, with its codes."""


@command.command()
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@options
@click.option("--name", help="What shoppers see beside the discount.")
@click.option(
    "--type",
    "kind",
    type=click.Choice(list(_TYPES)),
    help="What it makes cheaper; left out: the named goods, or the entire order.",
)
@click.option(
    "--minimum",
    "minimums",
    type=InChannel(),
    multiple=True,
    metavar="CHANNEL=AMOUNT",
    help="What the goods must cost; may be repeated.",
)
@click.option("--minimum-quantity", type=int, help="How many items the cart must hold.")
@click.option("--limit", type=int, help="How many orders may use it, by all its codes together.")
@click.option("--once-per-customer", is_flag=True, help="A customer, known by account or e-mail, may use it once.")
@click.option("--once-per-order", is_flag=True, help="Only one unit of the cheapest item becomes cheaper.")
@click.option("--single-use", is_flag=True, help="Each code works once.")
@click.option("--only-for-staff", is_flag=True, help="It works for members of staff alone.")
@click.option("--country", "countries", multiple=True, help="Where a delivery must go; may be repeated.")
def create(
    codes: tuple[str, ...],
    name: str | None,
    kind: str | None,
    minimums: tuple[tuple[str, Decimal], ...],
    minimum_quantity: int | None,
    limit: int | None,
    once_per_customer: bool,
    once_per_order: bool,
    single_use: bool,
    only_for_staff: bool,
    countries: tuple[str, ...],
    **given: Any,
) -> None:
    """Make a voucher that works by each CODE; shoppers need not mind their case.

    \b
    shop voucher create WELCOME10 --percent 10
    shop voucher create FIVE --amount default-channel=5 --minimum default-channel=40
    shop voucher create POST --type delivery --percent 100 --country US
    """  # noqa: D301 - click reads this character: the lines below it stay lines
    wish = Wish(**given)

    async def work(session: "AsyncSession") -> None:
        from shop.discounts.actions import NewListing, NewVoucher, create_voucher
        from shop.kit import clock
        from shop.kit.errors import NotFound

        least = dict(minimums)
        channels = await worth(session, wish)
        if strange := least.keys() - {channel.slug for channel in channels}:
            raise NotFound(f"The voucher is worth nothing in {min(strange)}, where --minimum names an amount.")
        goods = await targets(session, wish)
        new = NewVoucher(
            codes=codes,
            listings=[
                NewListing(channel.channel_id, channel.currency, channel.value, least.get(channel.slug))
                for channel in channels
            ],
            name=name,
            type=_TYPES[kind] if kind else "SPECIFIC_PRODUCT" if goods else "ENTIRE_ORDER",
            value_type=wish.value_type,
            starts_at=wish.starts_at,
            ends_at=wish.ends_at,
            usage_limit=limit,
            apply_once_per_order=once_per_order,
            apply_once_per_customer=once_per_customer,
            single_use=single_use,
            only_for_staff=only_for_staff,
            minimum_quantity=minimum_quantity,
            countries=[country.upper() for country in countries],
            targets=goods,
        )
        await create_voucher(session, new, now=clock.now())

    in_database(work)
    click.echo(f"Shoppers can use {', '.join(code.strip() for code in codes)}.")
