"""Reads of gift cards and of their ledgers."""

from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Integer, Select, Text, Uuid, and_, any_, bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from shop.giftcards.models import GiftCard, GiftCardEvent
from shop.giftcards.rules import Card, digest
from shop.kit.pagination import PARENTS, Key, Keyset, Shape, count_each

card_columns: Final = (
    GiftCard.id,
    GiftCard.currency,
    GiftCard.current_amount,
    GiftCard.expires_on,
    GiftCard.is_active,
    GiftCard.user_id,
    GiftCard.email,
)
_BY_CODE: Final = select(*card_columns).where(GiftCard.code_digest == bindparam("digest", type_=Text))

_SHOWN: Final[tuple[Any, ...]] = (
    GiftCard.id.label("pk"),
    GiftCard.last_characters,
    GiftCard.currency,
    GiftCard.initial_amount,
    GiftCard.current_amount,
    GiftCard.expires_on.label("expiry_date"),
    GiftCard.is_active,
    GiftCard.tags.label("tag_names"),
    GiftCard.user_id,
    GiftCard.email.label("guest_email"),
    GiftCard.last_used_at.label("last_used_on"),
    GiftCard.created_at.label("created"),
    GiftCard.metadata_public.label("metadata_public"),
    GiftCard.metadata_private.label("metadata_private"),
)
_ids: Final = bindparam("ids", type_=ARRAY(Integer))
CARDS_BY_ID: Final = select(*_SHOWN).where(GiftCard.id == any_(_ids))
NEWEST_FIRST: Final = Keyset(Key(GiftCard.created_at, descending=True), Key(GiftCard.id, descending=True))
CARDS_COUNT: Final = select(func.count().label("total")).select_from(GiftCard)


@lru_cache(maxsize=8)
def cards_page(shape: Shape) -> Select[Any]:
    """A page of all cards; the sort values come last."""
    return NEWEST_FIRST.window(select(*_SHOWN), shape)


@lru_cache(maxsize=8)
def users_cards_page(shape: Shape) -> Select[Any]:
    """A page of the cards of each user in `parents`; the user's id as `parent` last of all."""
    return NEWEST_FIRST.window_each(_of_user(select(*_SHOWN)), shape)


def _of_user(statement: Select[Any]) -> Select[Any]:
    return statement.where(GiftCard.user_id == PARENTS.c.id).correlate(PARENTS)


USERS_CARDS_COUNT: Final = count_each(_of_user(select(func.count().label("total")).select_from(GiftCard)))
# For orders: which cards paid for them, in the order in which they did.
IDS_BY_ORDER: Final = (
    select(GiftCardEvent.order_id, GiftCardEvent.card_id)
    .where(
        GiftCardEvent.order_id == any_(bindparam("order_ids", type_=ARRAY(Uuid()))),
        GiftCardEvent.type == "USED_IN_ORDER",
    )
    .order_by(GiftCardEvent.id)
)
EVENTS_BY_CARD: Final = (
    select(
        GiftCardEvent.id.label("pk"),
        GiftCardEvent.card_id,
        GiftCardEvent.type.label("kind"),
        GiftCardEvent.amount,
        GiftCardEvent.balance_amount,
        GiftCardEvent.order_id.label("order_key"),
        GiftCardEvent.created_at.label("date"),
        GiftCard.currency,
        GiftCard.initial_amount,
    )
    .join(GiftCard, GiftCard.id == GiftCardEvent.card_id)
    .where(GiftCardEvent.card_id == any_(_ids))
    .order_by(GiftCardEvent.id)
)


def spendable(
    currency: ColumnElement[str], user_id: ColumnElement[int | None], email: ColumnElement[str | None]
) -> ColumnElement[bool]:
    """Whether a row of `GiftCard` can pay for this buyer's purchase: `rules.refusal`, for the database."""
    today = cast(func.timezone("UTC", func.now()), Date)
    return and_(
        GiftCard.is_active,
        or_(GiftCard.expires_on.is_(None), GiftCard.expires_on >= today),
        GiftCard.currency == currency,
        or_(GiftCard.user_id.is_(None), GiftCard.user_id == user_id),
        or_(GiftCard.email.is_(None), func.lower(GiftCard.email) == func.lower(email)),
    )


async def card_of_code(session: AsyncSession, code: str) -> Card | None:
    """The card that this code opens."""
    row = (await session.execute(_BY_CODE, {"digest": digest(code)})).one_or_none()
    return None if row is None else Card(*row)
