"""What is in the cart: adding, setting and removing."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, cast

from sqlalchemy import (
    Boolean,
    Integer,
    Interval,
    Table,
    Uuid,
    any_,
    bindparam,
    delete,
    func,
    literal,
    not_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.checkout.actions.locked import lock, touch
from shop.checkout.actions.reserve import keep_stock
from shop.checkout.actions.slots import Holder, Slot, Wanted, free, hold, resized
from shop.checkout.errors import BadQuantity, LineNotFound, NotForSale, VariantNotFound, too_many
from shop.checkout.models import CheckoutLine
from shop.checkout.queries import OFFERS, lines, of
from shop.checkout.rules import LINES_LIMIT, Actor, Cart, Line, Offer, not_for_sale
from shop.kit.db import send
from shop.kit.errors import Invalid
from shop.kit.metadata import within_limit
from shop.stock.errors import InsufficientStock


@dataclass(frozen=True, slots=True)
class NewLine:
    """So many of a variant, to be added. `separate`: as a line of its own, even if the variant is there already."""

    variant_id: int
    quantity: int
    separate: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    # Its time; a line with one stands alone, and its quantity is its seats.
    slot: Slot | None = None


@dataclass(frozen=True, slots=True)
class LineChange:
    """A line's new quantity (None: as it is; 0: gone), named by its id or, as older clients do, by its variant.

    `slot`: its new time; a line that had none gets one.
    """

    line_id: uuid.UUID | None
    variant_id: int | None
    quantity: int | None
    metadata: Mapping[str, str] = field(default_factory=dict)
    slot: Slot | None = None


_new: Final = (
    func.unnest(
        bindparam("variant_ids", type_=ARRAY(Integer)),
        bindparam("quantities", type_=ARRAY(Integer)),
        bindparam("separates", type_=ARRAY(Boolean)),
        bindparam("notes", type_=ARRAY(JSONB)),
        bindparam("ids", type_=ARRAY(Uuid())),
    )
    .table_valued("variant_id", "quantity", "separate", "metadata", "id", with_ordinality="position", name="new")
    .render_derived()
)
_insert: Final = insert(cast("Table", CheckoutLine.__table__)).from_select(
    ["id", "checkout_id", "variant_id", "quantity", "separate", "metadata", "created_at"],
    select(
        # A line with a time has its id before it is there, so that its slot can be taken for it.
        func.coalesce(_new.c.id, func.gen_random_uuid()),
        bindparam("cart_id", type_=Uuid()),
        _new.c.variant_id,
        _new.c.quantity,
        _new.c.separate,
        _new.c.metadata,
        # Lines that come together keep their order: no two get the same moment.
        func.clock_timestamp() + _new.c.position * literal("1 microsecond").cast(Interval),
    ).order_by(_new.c.position),
)
_ADD: Final = _insert.on_conflict_do_update(
    index_elements=["checkout_id", "variant_id"],
    index_where=not_(CheckoutLine.separate),
    set_={
        "quantity": CheckoutLine.quantity + _insert.excluded.quantity,
        "metadata": CheckoutLine.metadata_public.op("||")(_insert.excluded.metadata),
    },
)
# The same, for lines that bring metadata: what each carries then.
_ADD_NOTED: Final = _ADD.returning(CheckoutLine.metadata_public)

_changes: Final = (
    func.unnest(
        bindparam("line_ids", type_=ARRAY(Uuid())),
        bindparam("quantities", type_=ARRAY(Integer)),
        bindparam("notes", type_=ARRAY(JSONB)),
    )
    .table_valued("id", "quantity", "metadata", name="change")
    .render_derived()
)
_SET: Final = (
    update(CheckoutLine)
    .where(CheckoutLine.id == _changes.c.id)
    .values(
        {
            CheckoutLine.quantity: _changes.c.quantity,
            CheckoutLine.metadata_public: CheckoutLine.metadata_public.op("||")(_changes.c.metadata),
        }
    )
)
_ALONE: Final = (
    update(CheckoutLine)
    .where(CheckoutLine.id == any_(bindparam("line_ids", type_=ARRAY(Uuid()))))
    .values(separate=True)
)
_DELETE: Final = (
    delete(CheckoutLine)
    .where(
        CheckoutLine.checkout_id == bindparam("cart_id", type_=Uuid()),
        CheckoutLine.id == any_(bindparam("line_ids", type_=ARRAY(Uuid()))),
    )
    .returning(CheckoutLine.id, CheckoutLine.separate)
)


async def add_lines(
    session: AsyncSession,
    checkout_id: uuid.UUID,
    new: Sequence[NewLine],
    *,
    actor: Actor,
    now: datetime,
    holder: Holder | None = None,
) -> Cart:
    """The quantities are in the cart, beside what was there of the same variants; or nothing has changed.

    `holder`: who takes the slots of lines with a time. Locks: purchase, checkout, stocks, then as `slots.hold`.
    Raises: CheckoutNotFound, VariantNotFound, BadQuantity, NotForSale, InsufficientStock, SlotRefused.
    """
    cart = await lock(session, checkout_id, actor)
    wanted = await put(session, cart, new, now=now)
    await keep_stock(session, cart, {line.variant_id for line in new})
    await hold(session, cart, wanted, holder, now=now)
    return await touch(session, cart)


async def put(session: AsyncSession, cart: Cart, new: Sequence[NewLine], *, now: datetime) -> list[Wanted]:
    """The quantities are in the cart that the caller has locked or just made; the answer: lines that want a slot.

    Raises: as `add_lines`.
    """
    merged = _merged(new)
    if not merged:
        return []
    keys = [None if line.slot is None else uuid.uuid4() for line in merged]
    found = await send(
        session,
        OFFERS,
        variant_ids=sorted({line.variant_id for line in merged}),
        checkout_id=cart.id,
        channel_id=cart.channel_id,
        country=cart.country,
    )
    offers: dict[int, Offer] = {}
    wanted: dict[int, int] = {}
    line_count = 0
    for in_cart, line_count, *offer in found:  # noqa: B007 - the same number in each row
        offers[offer[0]] = Offer(*offer)
        wanted[offer[0]] = in_cart
    unknown = {line.variant_id for line in merged} - offers.keys()
    if unknown:
        raise VariantNotFound(unknown)
    longer = line_count + sum(1 for line in merged if line.separate or not wanted[line.variant_id])
    for line in merged:
        wanted[line.variant_id] += line.quantity
    check(offers.values(), wanted, now)
    if longer > LINES_LIMIT:
        raise Invalid(f"A checkout holds at most {LINES_LIMIT} lines.", field="lines")
    noted = any(line.metadata for line in merged)
    added = await send(
        session,
        _ADD_NOTED if noted else _ADD,
        cart_id=cart.id,
        variant_ids=[line.variant_id for line in merged],
        quantities=[line.quantity for line in merged],
        separates=[line.separate for line in merged],
        notes=[dict(line.metadata) for line in merged],
        ids=keys,
    )
    if noted:
        for (values,) in added:
            within_limit(values)
    return [
        Wanted(key, line.variant_id, line.quantity, line.slot)
        for key, line in zip(keys, merged, strict=True)
        if key is not None and line.slot is not None
    ]


async def update_lines(
    session: AsyncSession,
    checkout_id: uuid.UUID,
    changes: Sequence[LineChange],
    *,
    actor: Actor,
    now: datetime,
    holder: Holder | None = None,
) -> Cart:
    """Each line has its new quantity and time, of several changes of one line the last; or nothing has changed.

    A variant that has no line gets one. Locks: as `add_lines`. Raises: CheckoutNotFound, LineNotFound, and as
    `add_lines`.
    """
    cart = await lock(session, checkout_id, actor)
    present = (await lines(of(session), [checkout_id])).get(checkout_id, [])
    targets, new = _matched(changes, present)
    quantities = {line.id: line.quantity for line in present}
    for line, change in targets.values():
        quantity = line.quantity if change.quantity is None else change.quantity
        if quantity < 0:
            raise BadQuantity("A quantity cannot be negative.", "ZERO_QUANTITY", [line.offer.variant_id])
        quantities[line.id] = quantity
    wanted: dict[int, int] = defaultdict(int)
    for line in present:
        wanted[line.offer.variant_id] += quantities[line.id]
    kept = [(line, change) for line, change in targets.values() if quantities[line.id] > 0]
    check({line.offer.variant_id: line.offer for line, _ in kept}.values(), wanted, now)
    if kept:
        for line, change in kept:
            within_limit({**line.metadata_public, **change.metadata})
        await send(
            session,
            _SET,
            line_ids=[line.id for line, _ in kept],
            quantities=[quantities[line.id] for line, _ in kept],
            notes=[dict(change.metadata) for _, change in kept],
        )
    gone = [line.id for line, _ in targets.values() if quantities[line.id] == 0]
    if gone:
        await send(session, _DELETE, cart_id=checkout_id, line_ids=gone)
    wanted_slots = await put(session, cart, new, now=now)
    asked = {line.offer.variant_id for line, change in kept if change.quantity is not None}
    await keep_stock(session, cart, asked | {line.variant_id for line in new})
    # Ordinary lines hold no time, so that nobody looks for any.
    await free(session, [line.id for line, _ in targets.values() if line.separate and quantities[line.id] == 0])
    moved = [
        Wanted(line.id, line.offer.variant_id, quantities[line.id], change.slot)
        for line, change in kept
        if change.slot is not None
    ]
    if merging := [line.id for line, change in kept if change.slot is not None and not line.separate]:
        await send(session, _ALONE, line_ids=merging)
    grown = [(line, quantities[line.id]) for line, _ in kept if line.separate and quantities[line.id] != line.quantity]
    moved += await resized(session, grown, without={one.line_id for one in moved})
    await hold(session, cart, [*moved, *wanted_slots], holder, now=now)
    return await touch(session, cart)


async def delete_lines(
    session: AsyncSession, checkout_id: uuid.UUID, line_ids: Collection[uuid.UUID], *, actor: Actor
) -> Cart:
    """The lines are gone; or, if one of them is not the checkout's, nothing has changed.

    Locks: purchase, checkout. Raises: CheckoutNotFound, LineNotFound.
    """
    cart = await lock(session, checkout_id, actor)
    wanted = set(line_ids)
    gone = await send(session, _DELETE, cart_id=checkout_id, line_ids=sorted(wanted))
    strangers = wanted - {line_id for line_id, _ in gone}
    if strangers:
        raise LineNotFound(strangers)
    await keep_stock(session, cart)
    await free(session, [line_id for line_id, separate in gone if separate])
    return await touch(session, cart)


def check(offers: Iterable[Offer], wanted: Mapping[int, int], now: datetime) -> None:
    """Each variant may be bought now, in the quantity that the cart would hold of it.

    This is politeness: the stock is promised only when an order is made, or kept by `keep_stock`. Raises: NotForSale,
    BadQuantity, InsufficientStock.
    """
    refused: dict[str, list[int]] = defaultdict(list)
    short: dict[int, int] = {}
    for offer in offers:
        if (code := not_for_sale(offer, now)) is not None:
            refused[code].append(offer.variant_id)
        elif wanted[offer.variant_id] > offer.quantity_limit:
            raise too_many(offer.variant_id, offer.quantity_limit)
        elif offer.available is not None and wanted[offer.variant_id] > offer.available:
            short[offer.variant_id] = max(offer.available, 0)
    for code, variant_ids in refused.items():
        raise NotForSale(code, variant_ids)
    if short:
        raise InsufficientStock(short, field="quantity")


def _merged(new: Sequence[NewLine]) -> list[NewLine]:
    """One line for each variant, but for those that want to stand alone. Raises: BadQuantity."""
    bad = [line.variant_id for line in new if line.quantity < 1]
    if bad:
        raise BadQuantity("A quantity has to be 1 or more.", "ZERO_QUANTITY", bad)
    ordinary: dict[int, NewLine] = {}
    result: list[NewLine] = []
    for line in new:
        if line.separate or line.slot is not None:
            result.append(replace(line, separate=True))
            continue
        before = ordinary.get(line.variant_id)
        if before is None:
            ordinary[line.variant_id] = line
            continue
        ordinary[line.variant_id] = NewLine(
            line.variant_id,
            before.quantity + line.quantity,
            metadata=within_limit({**before.metadata, **line.metadata}),
        )
    return [*ordinary.values(), *result]


def _matched(
    changes: Sequence[LineChange], present: Sequence[Line]
) -> tuple[dict[uuid.UUID, tuple[Line, LineChange]], list[NewLine]]:
    """The lines that the changes mean, and what has to be added. Raises: LineNotFound."""
    by_id = {line.id: line for line in present}
    by_variant: dict[int, Line] = {}
    # The ordinary line of a variant before those that stand alone.
    for one in sorted(present, key=lambda one: one.separate):
        by_variant.setdefault(one.offer.variant_id, one)
    targets: dict[uuid.UUID, tuple[Line, LineChange]] = {}
    new: list[NewLine] = []
    for change in changes:
        line: Line | None = None
        if change.line_id is not None:
            line = by_id.get(change.line_id)
            if line is None:
                raise LineNotFound([change.line_id])
        elif change.variant_id is not None:
            line = by_variant.get(change.variant_id)
        if line is not None:
            targets[line.id] = (line, change)
        elif change.variant_id is not None and change.quantity != 0:
            new.append(NewLine(change.variant_id, change.quantity or 0, metadata=change.metadata, slot=change.slot))
    return targets, new
