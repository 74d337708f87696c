"""A small shop to buy from, and the documents that its storefront sends."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit import ids
from tests import factories as make

ROOT = Path(__file__).resolve().parents[2]


def document(name: str) -> str:
    """An operation that the storefront sends, with all the fragments."""
    fragments = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "graphql/fragments").glob("*.graphql"))
    )
    needed = (ROOT / f"graphql/operations/{name}.graphql").read_text(encoding="utf-8")
    return _with_fragments(needed, fragments)


def _with_fragments(text: str, fragments: str) -> str:
    parts = {part.split(" ", 2)[1]: part for part in _split(fragments)}
    taken: dict[str, str] = {}
    queue = [text]
    while queue:
        current = queue.pop()
        for name, part in parts.items():
            if f"...{name}" in current.split() and name not in taken:
                taken[name] = part
                queue.append(part)
    return "\n".join([text, *taken.values()])


def _split(text: str) -> list[str]:
    return [f"fragment {part}" for part in text.split("fragment ")[1:] if " on " in part.split("{", 1)[0]]


@dataclass(frozen=True, slots=True)
class Shop:
    """Global IDs of what is for sale, in two channels: prices with tax in dollars, without tax in euros."""

    goods: str
    service: str
    scarce: str
    hidden: str
    parcel: str
    goods_id: int


async def open_shop(session: AsyncSession) -> Shop:
    """Shampoo for 12.00 (stock 30), a visit for 200.00 without shipping, one last cream; a parcel costs 5.00."""
    dollars = await make.channel(session, slug="default-channel")
    euros = await make.channel(
        session,
        slug="europe",
        currency="EUR",
        country="DE",
        prices_entered_with_tax=False,
        display_gross_prices=False,
    )
    await make.tax_rate(session, "US", "8")
    await make.tax_rate(session, "DE", "19")
    zone = await make.shipping_zone(session, dollars, euros, countries=("US", "DE"))
    warehouse = await make.warehouse(session, dollars, euros, zones=(zone,))
    parcel = await make.shipping_method(session, zone, dollars, euros, name="Parcel", price="5.00")
    goods = await make.variant(session, dollars, euros, price="12.00", stock=None)
    scarce = await make.variant(session, dollars, euros, price="3.00", stock=None)
    await make.stock(session, goods.id, warehouse, 30)
    await make.stock(session, scarce.id, warehouse, 1)
    kind = await make.product_type(session, is_shipping_required=False)
    visit = await make.product(session, dollars, euros, type=kind)
    service = await make.variant(session, dollars, euros, product=visit, price="200.00", track_inventory=False)
    secret = await make.product(session, dollars, is_published=False)
    hidden = await make.variant(session, dollars, product=secret)
    return Shop(
        goods=ids.encode("ProductVariant", goods.id),
        service=ids.encode("ProductVariant", service.id),
        scarce=ids.encode("ProductVariant", scarce.id),
        hidden=ids.encode("ProductVariant", hidden.id),
        parcel=ids.encode("ShippingMethod", parcel.id),
        goods_id=goods.id,
    )
