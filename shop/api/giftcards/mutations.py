"""Stopping gift cards, and letting them be spent again."""

from enum import Enum
from typing import Annotated

import strawberry

from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.api.giftcards.types import MANAGER, GiftCard, cards_by_id
from shop.execution import batch_field
from shop.giftcards.actions import set_active

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
    errors: list[GiftCardError] = strawberry.field(default_factory=list, description="Expected errors.")

    @batch_field(description="The card; null where there are errors.")
    @staticmethod
    async def gift_card(parents: list["_Changed"], context: Context) -> list[GiftCard | None]:
        keys = [parent.card_key for parent in parents]
        found = await cards_by_id(context, [key for key in keys if key is not None])
        return [None if key is None else found.get(key) for key in keys]

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def gift_card_errors(self) -> list[GiftCardError]:
        return self.errors


@strawberry.type(description="The card, which can be spent.")
class GiftCardActivate(_Changed):
    pass


@strawberry.type(description="The card, which cannot be spent for the time being.")
class GiftCardDeactivate(_Changed):
    pass


@strawberry.type
class GiftCardMutations:
    """Mutations of gift cards."""

    @mutation(description="Lets a gift card be spent. Needs MANAGE_GIFT_CARD.", permissions=(MANAGER,))
    async def gift_card_activate(self, info: Info, id: CardId) -> GiftCardActivate | None:
        return GiftCardActivate(card_key=await _set(info, id, active=True))

    @mutation(
        description="Stops a gift card: it can be spent no more, also by carts that have it. Needs MANAGE_GIFT_CARD.",
        permissions=(MANAGER,),
    )
    async def gift_card_deactivate(self, info: Info, id: CardId) -> GiftCardDeactivate | None:
        return GiftCardDeactivate(card_key=await _set(info, id, active=False))


async def _set(info: Info, id: strawberry.ID, *, active: bool) -> int:
    context = info.context
    key = required_int(id, "GiftCard", field="id")
    await set_active(context.session, key, active=active, by_user_id=context.caller.user_id)
    return key
