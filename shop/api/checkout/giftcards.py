"""Gift cards as a checkout names them. There are none yet, so that a checkout's list of them is empty."""

from decimal import Decimal
from typing import ClassVar

import strawberry

from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.money import Money, money


@strawberry.type(description="A gift card.")
class GiftCard(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_GIFT_CARD",)

    key: strawberry.Private[int]
    display_code: str = strawberry.field(description="The last four characters of its code.")
    currency: strawberry.Private[str]
    balance_amount: strawberry.Private[Decimal]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("GiftCard", self.key)

    @computed(description="What is left on it.")
    def current_balance(self) -> Money:
        return money(self.balance_amount, self.currency)
