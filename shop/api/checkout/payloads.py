"""What checkout mutations return."""

import strawberry

from shop.api.checkout.deliveries import Delivery
from shop.api.checkout.errors import CheckoutError, DeliveryOptionsCalculateError
from shop.api.checkout.types import Checkout
from shop.api.core.fields import computed
from shop.api.core.payloads import Payload

_OLD = "Use `errors`."


@strawberry.type(description="The checkout after a change, or why there was none.")
class _Changed(Payload):
    checkout: Checkout | None = strawberry.field(default=None, description="The checkout; null where there are errors.")
    errors: list[CheckoutError] = strawberry.field(default_factory=list, description="Expected errors.")


@strawberry.type(description="The checkout after a change, or why there was none.")
class _ChangedWithOldErrors(_Changed):
    @computed(description="Expected errors.", deprecation_reason=_OLD)
    def checkout_errors(self) -> list[CheckoutError]:
        return self.errors


@strawberry.type(description="The new checkout.")
class CheckoutCreate(_ChangedWithOldErrors):
    @computed(description="Whether it is new.", deprecation_reason="Always true.")
    def created(self) -> bool | None:
        return True


@strawberry.type(description="The checkout with its new lines.")
class CheckoutLinesAdd(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with its changed lines.")
class CheckoutLinesUpdate(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout without the line.")
class CheckoutLineDelete(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout without the lines.")
class CheckoutLinesDelete(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with its e-mail.")
class CheckoutEmailUpdate(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with its shipping address.")
class CheckoutShippingAddressUpdate(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with its billing address.")
class CheckoutBillingAddressUpdate(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with its new owner.")
class CheckoutCustomerAttach(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout, which is a guest's now.")
class CheckoutCustomerDetach(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with its language.")
class CheckoutLanguageCodeUpdate(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with the buyer's note.")
class CheckoutCustomerNoteUpdate(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with its code.")
class CheckoutAddPromoCode(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout without the code.")
class CheckoutRemovePromoCode(_ChangedWithOldErrors):
    pass


@strawberry.type(description="The checkout with its delivery.")
class CheckoutDeliveryMethodUpdate(_Changed):
    pass


@strawberry.type(description="The checkout with its delivery.")
class CheckoutShippingMethodUpdate(_ChangedWithOldErrors):
    pass


@strawberry.type(description="How a checkout can be delivered.")
class DeliveryOptionsCalculate(Payload):
    deliveries: list[Delivery] = strawberry.field(
        default_factory=list, description="What is offered, best placed first; empty before the address is known."
    )
    errors: list[DeliveryOptionsCalculateError] = strawberry.field(default_factory=list, description="Expected errors.")
