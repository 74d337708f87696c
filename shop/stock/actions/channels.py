"""Channels are opened, changed and closed: with the zones that they send to and the warehouses that supply them."""

import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.channels.models import Channel
from shop.kit.db.rows import insert_row, missing_of, update_row
from shop.kit.errors import Invalid, Many, NotFound, ShopError
from shop.kit.slugs import is_slug
from shop.shipping.models import ShippingZone, ShippingZoneChannel
from shop.stock.errors import InvalidLinks
from shop.stock.models import Warehouse, WarehouseChannel
from shop.tax.models import TaxConfiguration

_CURRENCY: Final = re.compile("[A-Z]{3}")
_LONGEST_NAME: Final = 250


class ChannelFields(TypedDict, total=False):
    """What is written of a channel; what is left out stays, or is what most shops want. The currency stays for good."""

    name: str | None
    slug: str | None
    currency: str
    default_country: str
    is_active: bool
    transaction_flow_strategy: str
    allow_unpaid_orders: bool
    automatically_confirm_new_orders: bool
    metadata_public: Mapping[str, str]
    metadata_private: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Links:
    """Shipping zones and warehouses that a channel gets, after those that it has, and those that it loses."""

    add_zones: Sequence[int] = ()
    remove_zones: Sequence[int] = ()
    add_warehouses: Sequence[uuid.UUID] = ()
    remove_warehouses: Sequence[uuid.UUID] = ()


async def open_channel(session: AsyncSession, given: ChannelFields, links: Links) -> int:
    """There is a channel, which charges taxes that its prices hold. It sells nothing yet: nothing is listed in it.

    Raises: Many of Invalid and Taken, InvalidLinks.
    """
    key = await insert_row(session, Channel, _checked({"name": None, "slug": None, **given}))
    await session.execute(insert(TaxConfiguration).values(channel_id=key))
    await _link(session, key, links)
    return key


async def change_channel(session: AsyncSession, channel_id: int, given: ChannelFields, links: Links) -> None:
    """The channel has these fields and links. Raises: NotFound, and as `open_channel`. Locks: the channel."""
    missing = NotFound("There is no such channel.", field="id")
    await update_row(session, Channel, channel_id, _checked(given), missing)
    await _link(session, channel_id, links)


async def turn_channel(session: AsyncSession, channel_id: int, *, on: bool) -> None:
    """The channel sells, or no longer. Raises: NotFound; Invalid where it did already. Locks: the channel."""
    missing = NotFound("There is no such channel.", field="id")
    before = await update_row(session, Channel, channel_id, {"is_active": on}, missing)
    if before["is_active"] is on:
        raise Invalid(f"This channel is already {'active' if on else 'inactive'}.", field="id")


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(given)
    errors: list[ShopError] = []
    if "name" in found:
        found["name"] = (found["name"] or "").strip()
        if not found["name"]:
            errors.append(Invalid("A name is needed.", field="name", code="REQUIRED"))
        elif len(found["name"]) > _LONGEST_NAME:
            errors.append(Invalid(f"At most {_LONGEST_NAME} characters fit here.", field="name"))
    if "slug" in found and not found["slug"]:
        errors.append(Invalid("A slug is needed.", field="slug", code="REQUIRED"))
    elif "slug" in found and not is_slug(found["slug"]):
        errors.append(Invalid("A slug is made of small letters, digits and single hyphens.", field="slug"))
    if "currency" in found and not _CURRENCY.fullmatch(found["currency"]):
        errors.append(Invalid("A currency is its ISO 4217 code, such as USD.", field="currencyCode"))
    if errors:
        raise Many(errors)
    return found


async def _link(session: AsyncSession, channel_id: int, links: Links) -> None:
    for added, removed, kind, column, names in (
        (links.add_zones, links.remove_zones, ShippingZone, ShippingZoneChannel.zone_id, "ShippingZones"),
        (links.add_warehouses, links.remove_warehouses, Warehouse, WarehouseChannel.warehouse_id, "Warehouses"),
    ):
        await _check_links(session, kind, added, removed, names)
        table: Any = column.parent.class_
        await session.execute(delete(table).where(table.channel_id == channel_id, column.in_(removed)))
        if added:
            rows = [{column.key: key, "channel_id": channel_id} for key in dict.fromkeys(added)]
            if table is WarehouseChannel:
                last = select(func.coalesce(func.max(WarehouseChannel.sort_order), -1)).where(
                    WarehouseChannel.channel_id == channel_id
                )
                start = (await session.execute(last)).scalar_one() + 1
                rows = [{**row, "sort_order": start + at} for at, row in enumerate(rows)]
            await session.execute(upsert(table).values(rows).on_conflict_do_nothing())


async def _check_links(
    session: AsyncSession, kind: Any, added: Collection[Any], removed: Collection[Any], names: str
) -> None:
    if both := set(added) & set(removed):
        message = "It is added or removed, not both."
        raise InvalidLinks(message, both, field=f"remove{names}", code="DUPLICATED_INPUT_ITEM")
    if missing := await missing_of(session, kind, added):
        raise InvalidLinks("There is nothing with these IDs.", missing, field=f"add{names}", code="NOT_FOUND")
