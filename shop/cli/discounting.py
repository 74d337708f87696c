"""What the commands of vouchers and promotions share: options, and names turned into what the actions take."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from shop.discounts.actions import Targets

F = TypeVar("F", bound=Callable[..., Any])


class Number(click.ParamType[Decimal]):
    """A decimal number."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The number. Raises: click.BadParameter."""
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value} is no number.", param, ctx)
        if not number.is_finite():
            self.fail(f"{value} is no number.", param, ctx)
        return number


class InChannel(click.ParamType[tuple[str, Decimal]]):
    """`CHANNEL=AMOUNT`."""

    name = "channel=amount"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Decimal]:
        """The channel's slug and the amount. Raises: click.BadParameter."""
        if isinstance(value, tuple):
            return value
        slug, equals, amount = str(value).partition("=")
        if not equals:
            self.fail(f"{value} is not CHANNEL=AMOUNT, such as default-channel=5.00.", param, ctx)
        return slug.strip(), Number().convert(amount, param, ctx)


_OPTIONS = (
    click.option("--percent", type=Number(), help="A share of the price: 10 for 10 %."),
    click.option("--channel", "channels", multiple=True, help="Where the share is given; left out: everywhere."),
    click.option(
        "--amount",
        "amounts",
        type=InChannel(),
        multiple=True,
        metavar="CHANNEL=AMOUNT",
        help="Instead of a share: default-channel=5.00; may be repeated.",
    ),
    click.option("--product", "products", multiple=True, help="Slug of a product that it is about; may be repeated."),
    click.option("--collection", "collections", multiple=True, help="Slug of a collection; may be repeated."),
    click.option("--category", "categories", multiple=True, help="Slug of a category, with everything below it."),
    click.option("--starts", type=click.DateTime(), help="UTC; left out: now."),
    click.option("--ends", type=click.DateTime(), help="UTC; left out: it does not end."),
)


def options(command: F) -> F:
    """The command takes what vouchers and promotions have in common, as the fields of `Wish`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed."""

    percent: Decimal | None
    channels: Sequence[str]
    amounts: Sequence[tuple[str, Decimal]]
    products: Sequence[str]
    collections: Sequence[str]
    categories: Sequence[str]
    starts: datetime | None
    ends: datetime | None

    def __post_init__(self) -> None:
        if (self.percent is None) == (not self.amounts):
            raise click.UsageError("Say either --percent 10 or --amount CHANNEL=AMOUNT.")
        if self.amounts and self.channels:
            raise click.UsageError("--channel belongs to --percent: amounts name their channels.")

    @property
    def value_type(self) -> str:
        """Whether its worth is a share or an amount."""
        return "FIXED" if self.percent is None else "PERCENTAGE"

    @property
    def starts_at(self) -> datetime | None:
        """Its start."""
        return None if self.starts is None else self.starts.replace(tzinfo=UTC)

    @property
    def ends_at(self) -> datetime | None:
        """Its end."""
        return None if self.ends is None else self.ends.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Worth:
    """The value in a channel."""

    channel_id: int
    slug: str
    currency: str
    value: Decimal


async def worth(session: "AsyncSession", wish: Wish) -> list[Worth]:
    """Its value by channel. Raises: NotFound."""
    from sqlalchemy import select

    from shop.channels.models import Channel
    from shop.kit.errors import NotFound

    rows = await session.execute(select(Channel.id, Channel.slug, Channel.currency).order_by(Channel.slug))
    known = {slug: (key, currency) for key, slug, currency in rows}
    values = dict(wish.amounts)
    if wish.percent is not None:
        values = dict.fromkeys(wish.channels or known, wish.percent)
    for slug in values:
        if slug not in known:
            raise NotFound(f"There is no channel {slug}. Known: {', '.join(known) or 'none yet'}.")
    return [Worth(known[slug][0], slug, known[slug][1], value) for slug, value in values.items()]


async def targets(session: "AsyncSession", wish: Wish) -> "Targets":
    """The goods that it is about. Raises: NotFound."""
    from sqlalchemy import select

    from shop.catalogue.models import Category, Collection, Product
    from shop.discounts.actions import Targets
    from shop.kit.errors import NotFound

    found: list[list[int]] = []
    for model, what, slugs in (
        (Product, "product", wish.products),
        (Collection, "collection", wish.collections),
        (Category, "category", wish.categories),
    ):
        rows = await session.execute(select(model.slug, model.id).where(model.slug.in_(slugs)))
        keys = {row.slug: row.id for row in rows}
        if missing := [slug for slug in slugs if slug not in keys]:
            raise NotFound(f"There is no {what} {missing[0]}.")
        found.append(list(keys.values()))
    products, collections, categories = found
    return Targets(product_ids=products, collection_ids=collections, category_ids=categories)
