"""Issuing gift cards, stopping them, and letting them be spent again."""

from dataclasses import replace
from datetime import date
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.api.core.scalars import PositiveDecimal
from shop.api.giftcards.types import MANAGER, GiftCard, cards_by_id
from shop.api.metadata.inputs import MetadataInput, entries
from shop.execution import batch_field
from shop.giftcards.actions import CardChange, NewCard, issue, set_active, update_card
from shop.kit.errors import Invalid

_UNSET: Final[Any] = strawberry.UNSET
CardId = Annotated[strawberry.ID, strawberry.argument(description="The card's ID.")]


@strawberry.enum(description="What went wrong with a gift card.")
class GiftCardErrorCode(Enum):
    ALREADY_EXISTS = "already_exists"
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"
    EXPIRED_GIFT_CARD = "expired_gift_card"
    DUPLICATED_INPUT_ITEM = "duplicated_input_item"
    CANNOT_ASSIGN = "cannot_assign"


@strawberry.type(description="An expected error of a gift card mutation.")
class GiftCardError(DomainError):
    code: GiftCardErrorCode = strawberry.field(description="What went wrong, for programs.")
    tags: list[str] | None = strawberry.field(default=None, description="The tags that it is about.")


@strawberry.type(description="The gift card after a change, or why there was none.")
class _Changed(Payload):
    card_key: strawberry.Private[int | None] = None
    told_code: strawberry.Private[str | None] = None
    errors: list[GiftCardError] = strawberry.field(default_factory=list, description="Expected errors.")

    @batch_field(description="The card; null where there are errors.")
    @staticmethod
    async def gift_card(parents: list["_Changed"], context: Context) -> list[GiftCard | None]:
        found = await cards_by_id(context, [one.card_key for one in parents if one.card_key is not None])
        return [
            None if one.card_key is None else replace(found[one.card_key], told_code=one.told_code) for one in parents
        ]

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def gift_card_errors(self) -> list[GiftCardError]:
        return self.errors


@strawberry.input(description="An amount of money.")
class PriceInput:
    currency: str = strawberry.field(description="The currency, such as USD.")
    amount: PositiveDecimal = strawberry.field(description="How much.")


@strawberry.input(description="A gift card to issue.")
class GiftCardCreateInput:
    balance: PriceInput = strawberry.field(description="What it holds.")
    is_active: bool = strawberry.field(description="Whether it can be spent at once.")
    expiry_date: date | None = strawberry.field(
        default=None, description="The last day on which it can be spent; none: any day."
    )
    add_tags: list[str] | None = strawberry.field(default=None, description="Words by which staff find it.")
    assigned_to: strawberry.ID | None = strawberry.field(
        default=None, description="ID of the customer whose it is; none: of whoever spends of it first."
    )
    user_email: str | None = strawberry.field(
        default=None, description="E-mail of the customer whose it is, instead of `assignedTo`. No mail is sent."
    )
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Public metadata.")
    private_metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Private metadata.")
    code: str | None = strawberry.field(
        default=None,
        description="A code of one's own choice; without one it gets a code that nobody guesses.",
        deprecation_reason="Let the shop choose the code.",
    )


@strawberry.input(description="What becomes of a gift card. What is left out stays.")
class GiftCardUpdateInput:
    add_tags: list[str] | None = strawberry.field(default=None, description="More words by which staff find it.")
    remove_tags: list[str] | None = strawberry.field(default=None, description="Words to take off it.")
    expiry_date: date | None = strawberry.field(
        default=_UNSET, description="The last day on which it can be spent; null: any day."
    )
    metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Public metadata; keys that are not named stay."
    )
    private_metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Private metadata; keys that are not named stay."
    )


@strawberry.type(description="A new card. Its `code` stands whole in this answer alone, and can never be read again.")
class GiftCardCreate(_Changed):
    pass


@strawberry.type(description="A changed card.")
class GiftCardUpdate(_Changed):
    pass


@strawberry.type(description="The card, which can be spent.")
class GiftCardActivate(_Changed):
    pass


@strawberry.type(description="The card, which cannot be spent for the time being.")
class GiftCardDeactivate(_Changed):
    pass


@strawberry.type
class GiftCardMutations:
    """Mutations of gift cards."""

    @mutation(
        description="Issues a gift card. Ask for its `code` here: it is told once. Needs MANAGE_GIFT_CARD.",
        permissions=(MANAGER,),
    )
    async def gift_card_create(
        self,
        info: Info,
        input: Annotated[GiftCardCreateInput, strawberry.argument(description="The card.")],
    ) -> GiftCardCreate | None:
        context = info.context
        # The payload's `code` is money.
        context.is_private = True
        _check_last_day(input.expiry_date, context)
        tags = _tags(input.add_tags)
        assigned = input.assigned_to
        new = NewCard(
            amount=input.balance.amount,
            currency=input.balance.currency.upper(),
            code=input.code,
            expires_on=input.expiry_date,
            tags=tags,
            is_active=input.is_active,
            by_user_id=context.caller.user_id,
            for_user_id=None if assigned is None else required_int(assigned, "User", field="assignedTo"),
            for_email=input.user_email,
            metadata_public=entries(input.metadata),
            metadata_private=entries(input.private_metadata, field="privateMetadata"),
        )
        issued = await issue(context.session, new)
        return GiftCardCreate(card_key=issued.id, told_code=issued.code)

    @mutation(
        description="Changes by which words staff find a gift card, its last day and its metadata. Needs "
        "MANAGE_GIFT_CARD.",
        permissions=(MANAGER,),
    )
    async def gift_card_update(
        self,
        info: Info,
        id: CardId,
        input: Annotated[GiftCardUpdateInput, strawberry.argument(description="What becomes of it.")],
    ) -> GiftCardUpdate | None:
        context = info.context
        key = required_int(id, "GiftCard", field="id")
        expiry = None if input.expiry_date is _UNSET else input.expiry_date
        _check_last_day(expiry, context)
        change = CardChange(
            add_tags=_tags(input.add_tags),
            remove_tags=[tag.strip() for tag in input.remove_tags or ()],
            expires_on=expiry,
            changes_expiry=input.expiry_date is not _UNSET,
            metadata_public=entries(input.metadata),
            metadata_private=entries(input.private_metadata, field="privateMetadata"),
        )
        await update_card(context.session, key, change, by_user_id=context.caller.user_id)
        return GiftCardUpdate(card_key=key)

    @mutation(description="Lets a gift card be spent. Needs MANAGE_GIFT_CARD.", permissions=(MANAGER,))
    async def gift_card_activate(self, info: Info, id: CardId) -> GiftCardActivate | None:
        return GiftCardActivate(card_key=await _set(info, id, active=True))

    @mutation(
        description="Stops a gift card: it can be spent no more, also by carts that have it. Needs MANAGE_GIFT_CARD.",
        permissions=(MANAGER,),
    )
    async def gift_card_deactivate(self, info: Info, id: CardId) -> GiftCardDeactivate | None:
        return GiftCardDeactivate(card_key=await _set(info, id, active=False))


def _check_last_day(given: date | None, context: Context) -> None:
    if given is not None and given < context.now.date():
        raise Invalid("The last day cannot be over already.", field="expiryDate")


def _tags(given: list[str] | None) -> list[str]:
    tags = [tag.strip() for tag in given or ()]
    if not all(tags):
        raise Invalid("A tag cannot be empty.", field="addTags", code="REQUIRED")
    return tags


async def _set(info: Info, id: strawberry.ID, *, active: bool) -> int:
    context = info.context
    key = required_int(id, "GiftCard", field="id")
    await set_active(context.session, key, active=active, by_user_id=context.caller.user_id)
    return key
