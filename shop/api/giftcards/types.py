"""Gift cards and their events in the API. Codes are told once, when a card is issued; here they are masked."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import ClassVar

import strawberry

from shop.api.accounts.users import User, users_by_id
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, money
from shop.api.core.permissions import require, staff_with
from shop.execution import batch_field
from shop.giftcards import queries

MANAGER = "MANAGE_GIFT_CARD"


@strawberry.enum(description="What happened to a gift card.")
class GiftCardEventsEnum(Enum):
    ISSUED = "ISSUED"
    ACTIVATED = "ACTIVATED"
    DEACTIVATED = "DEACTIVATED"
    EXPIRY_DATE_UPDATED = "EXPIRY_DATE_UPDATED"
    TAGS_UPDATED = "TAGS_UPDATED"
    USED_IN_ORDER = "USED_IN_ORDER"
    REFUNDED_IN_ORDER = "REFUNDED_IN_ORDER"


@strawberry.type(description="What a gift card held after an event.")
class GiftCardEventBalance:
    initial_balance: Money | None = strawberry.field(description="What it was issued with.")
    current_balance: Money = strawberry.field(description="What was left on it.")
    old_initial_balance: Money | None = strawberry.field(default=None, description="Never changes.")
    old_current_balance: Money | None = strawberry.field(default=None, description="What was left before.")


@strawberry.type(description="Something that happened to a gift card.")
class GiftCardEvent:
    pk: strawberry.Private[int]
    card_id: strawberry.Private[int]
    kind: strawberry.Private[str]
    amount: strawberry.Private[Decimal]
    balance_amount: strawberry.Private[Decimal]
    order_key: strawberry.Private[uuid.UUID | None]
    date: datetime | None = strawberry.field(description="When it happened.")
    currency: strawberry.Private[str]
    initial_amount: strawberry.Private[Decimal]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("GiftCardEvent", self.pk)

    @computed(description="What happened.")
    def type(self) -> GiftCardEventsEnum | None:
        return GiftCardEventsEnum(self.kind)

    @computed(description="The order that it was spent on.")
    def order_id(self) -> strawberry.ID | None:
        return None if self.order_key is None else global_id("Order", self.order_key)

    @computed(description="What it held then.")
    def balance(self) -> GiftCardEventBalance | None:
        return GiftCardEventBalance(
            initial_balance=money(self.initial_amount, self.currency),
            current_balance=money(self.balance_amount, self.currency),
            old_current_balance=money(self.balance_amount - self.amount, self.currency),
        )


@strawberry.type(description="A word by which staff find gift cards.")
class GiftCardTag:
    name: str = strawberry.field(description="The word.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("GiftCardTag", self.name)


@strawberry.type(description="A gift card: money that was paid before, spent by its code.")
class GiftCard(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = (MANAGER,)

    pk: strawberry.Private[int]
    last_characters: strawberry.Private[str]
    currency: strawberry.Private[str]
    initial_amount: strawberry.Private[Decimal]
    current_amount: strawberry.Private[Decimal]
    expiry_date: date | None = strawberry.field(description="The last day on which it can be spent; null: any day.")
    is_active: bool = strawberry.field(description="Whether it can be spent at all.")
    tag_names: strawberry.Private[list[str]]
    user_id: strawberry.Private[int | None]
    guest_email: strawberry.Private[str | None]
    last_used_on: datetime | None = strawberry.field(description="When something was last paid with it.")
    created: datetime = strawberry.field(description="When it was issued.")
    # Whole, in the answer that issues it alone: what is stored is a digest.
    told_code: strawberry.Private[str | None] = None

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("GiftCard", self.pk)

    @computed(description="The last four characters of its code.")
    def display_code(self) -> str:
        return self.last_characters

    @computed(description="The last four characters of its code.")
    def last4_code_chars(self) -> str:
        return self.last_characters

    @computed(
        description="Its code, masked but for the last four characters: it is told whole once, when it is issued."
    )
    def code(self) -> str:
        return self.told_code or f"****-****-****-{self.last_characters}"

    @computed(description="What it was issued with.")
    def initial_balance(self) -> Money:
        return money(self.initial_amount, self.currency)

    @computed(description="What is left on it.")
    def current_balance(self) -> Money:
        return money(self.current_amount, self.currency)

    @batch_field(
        description="Whose it is; null until somebody has spent of it. One's own, or anybody's for MANAGE_GIFT_CARD."
    )
    @staticmethod
    async def assigned_to(parents: list["GiftCard"], context: Context) -> list[User | None]:
        return await _owners(parents, context)

    @batch_field(
        description="The owner's e-mail; null until somebody has spent of it. One's own, or anybody's for "
        "MANAGE_GIFT_CARD."
    )
    @staticmethod
    async def assigned_to_email(parents: list["GiftCard"], context: Context) -> list[str | None]:
        return await _owner_emails(parents, context)

    @batch_field(description="Whose it is.", deprecation_reason="Use `assignedTo`.")
    @staticmethod
    async def used_by(parents: list["GiftCard"], context: Context) -> list[User | None]:
        return await _owners(parents, context)

    @batch_field(description="The owner's e-mail.", deprecation_reason="Use `assignedToEmail`.")
    @staticmethod
    async def used_by_email(parents: list["GiftCard"], context: Context) -> list[str | None]:
        return await _owner_emails(parents, context)

    @batch_field(description="Words to find it by. Needs MANAGE_GIFT_CARD.", guard=staff_with(MANAGER))
    @staticmethod
    async def tags(parents: list["GiftCard"], context: Context) -> list[list[GiftCardTag]]:
        return [[GiftCardTag(name=name) for name in card.tag_names] for card in parents]

    @batch_field(description="What happened to it, oldest first. Needs MANAGE_GIFT_CARD.", guard=staff_with(MANAGER))
    @staticmethod
    async def events(parents: list["GiftCard"], context: Context) -> list[list[GiftCardEvent]]:
        keys = sorted({card.pk for card in parents})
        found = await context.fetch(GiftCardEvent, queries.EVENTS_BY_CARD, ids=keys)
        return [[event for event in found if event.card_id == card.pk] for card in parents]


async def cards_by_id(context: Context, keys: Sequence[int]) -> dict[int, GiftCard]:
    """The cards by their keys, in one statement; none for no keys."""
    if not keys:
        return {}
    return {card.pk: card for card in await context.fetch(GiftCard, queries.CARDS_BY_ID, ids=sorted(set(keys)))}


async def cards_of_orders(context: Context, order_ids: Sequence[uuid.UUID]) -> list[list[GiftCard]]:
    """The cards that paid for each order, in two statements; in one where none did."""
    rows = await context.rows(queries.IDS_BY_ORDER, order_ids=sorted(set(order_ids)))
    cards = await cards_by_id(context, [row["card_id"] for row in rows])
    return [[cards[row["card_id"]] for row in rows if row["order_id"] == key] for key in order_ids]


async def _owners(cards: list[GiftCard], context: Context) -> list[User | None]:
    _only_own(cards, context)
    found = await users_by_id(context, [card.user_id for card in cards if card.user_id is not None])
    return [None if card.user_id is None else found.get(card.user_id) for card in cards]


async def _owner_emails(cards: list[GiftCard], context: Context) -> list[str | None]:
    """A guest's is the card's own, a user's is that of the account."""
    return [
        card.guest_email if owner is None else owner.email
        for card, owner in zip(cards, await _owners(cards, context), strict=True)
    ]


def _only_own(cards: list[GiftCard], context: Context) -> None:
    """Who a card belongs to is its owner's affair, and that of who manages them. Raises: GraphQLError."""
    context.is_private = True
    caller = context.caller
    if any(card.guest_email is not None or card.user_id not in {None, caller.user_id} for card in cards):
        require(context, MANAGER)
