"""What changes gift cards. Every change of a balance is a row of its ledger, written in the same breath."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Integer, any_, bindparam, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.events import MailboxProved
from shop.accounts.models import User
from shop.accounts.rules import check_email, normalised_email
from shop.giftcards.errors import CodeTaken, GiftCardNotApplicable, NoSuchOwner
from shop.giftcards.models import GiftCard, GiftCardEvent
from shop.giftcards.queries import card_columns
from shop.giftcards.rules import Card, check_amount, check_code, digest, last_characters, new_code, refusal, split
from shop.kit.errors import Invalid, NotFound
from shop.kit.metadata import within_limit


@dataclass(frozen=True, slots=True)
class NewCard:
    """A card to issue. Without a code it gets one that nobody guesses.

    `for_user_id` or `for_email` names whose it is from the start; an e-mail that an account has means the account.
    """

    amount: Decimal
    currency: str
    code: str | None = None
    expires_on: date | None = None
    tags: Sequence[str] = ()
    is_active: bool = True
    by_user_id: int | None = None
    for_user_id: int | None = None
    for_email: str | None = None
    metadata_public: Mapping[str, str] = field(default_factory=dict)
    metadata_private: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new card, with its code for the only time."""

    id: int
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who spends, and in which currency."""

    currency: str
    user_id: int | None
    email: str


_LOCK: Final = (
    select(*card_columns, GiftCard.last_characters)
    .where(GiftCard.id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(GiftCard.id)
    .with_for_update()
)


async def issue(session: AsyncSession, new: NewCard) -> Issued:
    """The card can be spent. Raises: Invalid, CodeTaken, NoSuchOwner."""
    code = new_code() if new.code is None else new.code.strip()
    check_code(code)
    amount = check_amount(new.amount, new.currency)
    user_id, email = await _owner(session, new)
    statement = (
        insert_or_skip(GiftCard)
        .values(
            code_digest=digest(code),
            last_characters=last_characters(code),
            currency=new.currency,
            initial_amount=amount,
            current_amount=amount,
            expires_on=new.expires_on,
            tags=sorted(set(new.tags)),
            is_active=new.is_active,
            user_id=user_id,
            email=email,
            metadata_public=dict(new.metadata_public),
            metadata_private=dict(new.metadata_private),
        )
        .on_conflict_do_nothing(index_elements=["code_digest"])
        .returning(GiftCard.id)
    )
    card_id = (await session.execute(statement)).scalar_one_or_none()
    if card_id is None:
        raise CodeTaken
    await _tell(session, [_event(card_id, "ISSUED", amount, amount, user_id=new.by_user_id)])
    return Issued(card_id, code)


async def _owner(session: AsyncSession, new: NewCard) -> tuple[int | None, str | None]:
    """Whose the card is: a user's, or a guest's by e-mail, or nobody's yet. Raises: NoSuchOwner, Invalid."""
    if new.for_user_id is not None:
        if new.for_email is not None:
            raise NoSuchOwner("A card is one person's: either an account's or an e-mail's.", "assignedTo")
        if await session.scalar(select(User.id).where(User.id == new.for_user_id)) is None:
            raise NoSuchOwner("There is no such customer.", "assignedTo")
        return new.for_user_id, None
    if new.for_email is None:
        return None, None
    email = normalised_email(new.for_email)
    check_email(email, field="userEmail")
    user_id = await session.scalar(select(User.id).where(User.email == email))
    return (None, email) if user_id is None else (user_id, None)


async def open_ledgers(session: AsyncSession, card_ids: Sequence[int]) -> None:
    """Cards that were stored with a balance and have no ledger yet begin one with it."""
    without = select(GiftCard.id, literal("ISSUED"), GiftCard.current_amount, GiftCard.current_amount).where(
        GiftCard.id.in_(card_ids), ~select(GiftCardEvent.id).where(GiftCardEvent.card_id == GiftCard.id).exists()
    )
    await session.execute(insert(GiftCardEvent).from_select(["card_id", "type", "amount", "balance_amount"], without))


@dataclass(frozen=True, slots=True)
class CardChange:
    """What becomes of a card. `changes_expiry`: its last day is `expires_on` now, None for any day."""

    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    expires_on: date | None = None
    changes_expiry: bool = False
    metadata_public: Mapping[str, str] = field(default_factory=dict)
    metadata_private: Mapping[str, str] = field(default_factory=dict)


_MADE_OF: Final = select(GiftCard.tags, GiftCard.expires_on, GiftCard.metadata_public, GiftCard.metadata_private).where(
    GiftCard.id == bindparam("card_id", type_=Integer)
)


async def update_card(
    session: AsyncSession, card_id: int, change: CardChange, *, by_user_id: int | None = None
) -> None:
    """The card is as wished, and its history tells of another last day and of other tags.

    Locks: the card. Raises: NotFound; Invalid for a tag that is to come and to go, and for too much metadata.
    """
    card = await _locked(session, card_id)
    if both := sorted(set(change.add_tags) & set(change.remove_tags)):
        message = "A tag is added or removed, not both."
        raise Invalid(message, field="tags", code="DUPLICATED_INPUT_ITEM", params={"tags": both})
    before = (await session.execute(_MADE_OF, {"card_id": card_id})).one()
    values: dict[str, Any] = {
        "metadata_public": within_limit({**before.metadata_public, **change.metadata_public}),
        "metadata_private": within_limit(
            {**before.metadata_private, **change.metadata_private}, field="privateMetadata"
        ),
    }
    kinds = []
    tags = sorted((set(before.tags) | set(change.add_tags)) - set(change.remove_tags))
    if tags != sorted(before.tags):
        values["tags"] = tags
        kinds.append("TAGS_UPDATED")
    if change.changes_expiry and change.expires_on != before.expires_on:
        values["expires_on"] = change.expires_on
        kinds.append("EXPIRY_DATE_UPDATED")
    await session.execute(update(GiftCard).where(GiftCard.id == card_id).values(**values, updated_at=func.now()))
    if kinds:
        await _tell(
            session, [_event(card_id, kind, Decimal(0), card.current_amount, user_id=by_user_id) for kind in kinds]
        )


async def _locked(session: AsyncSession, card_id: int) -> Any:
    card = (await session.execute(_LOCK, {"ids": [card_id]})).one_or_none()
    if card is None:
        raise NotFound("There is no such gift card.", field="id")
    return card


async def set_active(session: AsyncSession, card_id: int, *, active: bool, by_user_id: int | None = None) -> None:
    """The card can be spent, or cannot for the time being. Locks: the card. Raises: NotFound."""
    card = await _locked(session, card_id)
    if card.is_active == active:
        return
    await session.execute(
        update(GiftCard).where(GiftCard.id == card_id).values(is_active=active, updated_at=func.now())
    )
    kind = "ACTIVATED" if active else "DEACTIVATED"
    await _tell(session, [_event(card_id, kind, Decimal(0), card.current_amount, user_id=by_user_id)])


async def spend(
    session: AsyncSession, card_ids: Sequence[int], need: Decimal, buyer: Buyer, *, order_id: uuid.UUID, now: datetime
) -> dict[int, tuple[str, Decimal]]:
    """The cards have paid so much of the order, the first one first; each is the buyer's from now on.

    Returns what each gave, beside the last characters of its code. Locks: the cards, by id.
    Raises: GiftCardNotApplicable, when they hold less than is needed.
    """
    rows = (await session.execute(_LOCK, {"ids": sorted(card_ids)})).all()
    cards = {row.id: Card(*row[:-1]) for row in rows}
    names = {row.id: row.last_characters for row in rows}
    usable: dict[int, Decimal] = {}
    reason = "The gift card holds less than before."
    for card_id in card_ids:
        card = cards[card_id]
        refused = refusal(card, currency=buyer.currency, user_id=buyer.user_id, email=buyer.email, today=now.date())
        if refused is None:
            usable[card_id] = card.current_amount
        else:
            reason = refused
    shares = split(need, usable)
    if sum(shares.values()) < need:
        raise GiftCardNotApplicable(reason)
    for card_id, amount in sorted(shares.items()):
        values: dict[str, Any] = {
            "current_amount": GiftCard.current_amount - amount,
            "last_used_at": now,
            "updated_at": func.now(),
        }
        if cards[card_id].user_id is None and cards[card_id].email is None:
            values |= {"email": buyer.email} if buyer.user_id is None else {"user_id": buyer.user_id}
        await session.execute(update(GiftCard).where(GiftCard.id == card_id).values(values))
    await _tell(
        session,
        [
            _event(
                card_id, "USED_IN_ORDER", -amount, usable[card_id] - amount, user_id=buyer.user_id, order_id=order_id
            )
            for card_id, amount in shares.items()
        ],
    )
    return {card_id: (names[card_id], amount) for card_id, amount in shares.items()}


async def adopt_guest_cards(session: AsyncSession, event: MailboxProved) -> None:
    """Cards that a guest of this e-mail has spent of are the user's."""
    await session.execute(
        update(GiftCard)
        .where(func.lower(GiftCard.email) == event.email)
        .values(user_id=event.user_id, email=None, updated_at=func.now())
    )


async def give_back(
    session: AsyncSession, card_id: int, amount: Decimal, *, order_id: uuid.UUID | None, by_user_id: int | None = None
) -> None:
    """So much of what was spent is on the card again, even if it has expired meanwhile. Locks: the card.

    Raises: NotFound where the card is gone.
    """
    card = (await session.execute(_LOCK, {"ids": [card_id]})).one_or_none()
    if card is None:
        raise NotFound("The gift card is gone.", field="id")
    balance = card.current_amount + amount
    await session.execute(
        update(GiftCard).where(GiftCard.id == card_id).values(current_amount=balance, updated_at=func.now())
    )
    await _tell(session, [_event(card_id, "REFUNDED_IN_ORDER", amount, balance, user_id=by_user_id, order_id=order_id)])


def _event(
    card_id: int,
    kind: str,
    amount: Decimal,
    balance: Decimal,
    *,
    user_id: int | None = None,
    order_id: uuid.UUID | None = None,
) -> dict[str, Any]:
    return {
        "card_id": card_id,
        "type": kind,
        "amount": amount,
        "balance_amount": balance,
        "user_id": user_id,
        "order_id": order_id,
    }


async def _tell(session: AsyncSession, events: list[dict[str, Any]]) -> None:
    await session.execute(insert(GiftCardEvent), events)
