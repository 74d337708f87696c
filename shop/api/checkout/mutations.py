"""Filling a cart and preparing it for payment."""

import uuid
from typing import Annotated

import strawberry

from shop.accounts.addresses import PostalAddress
from shop.api.accounts.types import AddressInput
from shop.api.booking.inputs import holder
from shop.api.checkout.deliveries import Delivery
from shop.api.checkout.inputs import (
    MANAGERS,
    CheckoutAddressValidationRules,
    CheckoutCreateInput,
    CheckoutId,
    CheckoutLineInput,
    CheckoutLineUpdateInput,
    OldCheckoutId,
    Token,
    actor,
    checked_address,
    checkout_key,
    line_changes,
    new_lines,
)
from shop.api.checkout.payloads import (
    CheckoutBillingAddressUpdate,
    CheckoutCreate,
    CheckoutDeliveryMethodUpdate,
    CheckoutEmailUpdate,
    CheckoutLineDelete,
    CheckoutLinesAdd,
    CheckoutLinesDelete,
    CheckoutLinesUpdate,
    CheckoutShippingAddressUpdate,
    CheckoutShippingMethodUpdate,
    DeliveryOptionsCalculate,
)
from shop.api.checkout.types import checkout_of
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int, required_uuid
from shop.api.core.mutation import mutation
from shop.api.core.permissions import require
from shop.api.metadata.inputs import entries
from shop.checkout import actions
from shop.checkout.actions.contact import BILLING, SHIPPING
from shop.checkout.rules import Cart
from shop.kit import ids
from shop.kit.errors import Invalid

SaveAddress = Annotated[
    bool | None,
    strawberry.argument(description="Whether a user's address goes into the address book with the order."),
]
Rules = Annotated[
    CheckoutAddressValidationRules | None,
    strawberry.argument(description="How strictly the address is looked at."),
]


@strawberry.type
class CheckoutMutations:
    """Mutations of checkouts."""

    @mutation(description="Starts a cart in a channel; a user's takes e-mail and default addresses from the user.")
    async def checkout_create(
        self,
        info: Info,
        input: Annotated[CheckoutCreateInput, strawberry.argument(description="What the cart starts with.")],
    ) -> CheckoutCreate | None:
        context = info.context
        if context.caller.problem is not None:
            raise context.caller.problem
        if input.private_metadata:
            require(context, *MANAGERS)
        who = actor(context)
        rules = input.validation_rules
        new = actions.NewCheckout(
            channel=input.channel,
            lines=new_lines(context, input.lines),
            email=input.email,
            shipping_address=_given(
                context, input.shipping_address, SHIPPING, None if rules is None else rules.shipping_address
            ),
            billing_address=_given(
                context, input.billing_address, BILLING, None if rules is None else rules.billing_address
            ),
            save_shipping_address=input.save_shipping_address is not False,
            save_billing_address=input.save_billing_address is not False,
            language_code=None if input.language_code is None else input.language_code.name,
            metadata=entries(input.metadata),
            private_metadata=entries(input.private_metadata, field="privateMetadata"),
        )
        cart = await actions.create(context.session, new, user_id=who.user_id, now=context.now, holder=holder(context))
        return CheckoutCreate(checkout=checkout_of(cart))

    @mutation(description="Adds variants to the cart; one that is there already gets more.")
    async def checkout_lines_add(
        self,
        info: Info,
        lines: Annotated[list[CheckoutLineInput], strawberry.argument(description="What to add.")],
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
    ) -> CheckoutLinesAdd | None:
        context = info.context
        cart = await actions.add_lines(
            context.session,
            checkout_key(id, checkout_id, token),
            new_lines(context, lines),
            actor=actor(context),
            now=context.now,
            holder=holder(context),
        )
        return CheckoutLinesAdd(checkout=checkout_of(cart))

    @mutation(description="Sets the quantities of lines; 0 removes a line.")
    async def checkout_lines_update(
        self,
        info: Info,
        lines: Annotated[list[CheckoutLineUpdateInput], strawberry.argument(description="What to change.")],
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
    ) -> CheckoutLinesUpdate | None:
        context = info.context
        cart = await actions.update_lines(
            context.session,
            checkout_key(id, checkout_id, token),
            line_changes(context, lines),
            actor=actor(context),
            now=context.now,
            holder=holder(context),
        )
        return CheckoutLinesUpdate(checkout=checkout_of(cart))

    @mutation(description="Removes a line.", deprecation_reason="Use `checkoutLinesDelete`.")
    async def checkout_line_delete(
        self,
        info: Info,
        id: CheckoutId = None,
        line_id: Annotated[strawberry.ID | None, strawberry.argument(description="The line's ID.")] = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
    ) -> CheckoutLineDelete | None:
        context = info.context
        key = checkout_key(id, checkout_id, token)
        if line_id is None:
            raise Invalid("The line's ID is needed.", field="lineId", code="REQUIRED")
        line = required_uuid(line_id, "CheckoutLine", field="lineId")
        cart = await actions.delete_lines(context.session, key, [line], actor=actor(context))
        return CheckoutLineDelete(checkout=checkout_of(cart))

    @mutation(description="Removes lines, all or none of them.")
    async def checkout_lines_delete(
        self,
        info: Info,
        lines_ids: Annotated[list[strawberry.ID], strawberry.argument(description="The lines' IDs.")],
        id: CheckoutId = None,
        token: Token = None,
    ) -> CheckoutLinesDelete | None:
        context = info.context
        key = checkout_key(id, token=token)
        lines = [required_uuid(line_id, "CheckoutLine", field="linesIds") for line_id in lines_ids]
        cart = await actions.delete_lines(context.session, key, lines, actor=actor(context))
        return CheckoutLinesDelete(checkout=checkout_of(cart))

    @mutation(description="Sets where the confirmation goes.")
    async def checkout_email_update(
        self,
        info: Info,
        email: Annotated[str, strawberry.argument(description="The e-mail address.")],
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
    ) -> CheckoutEmailUpdate | None:
        context = info.context
        key = checkout_key(id, checkout_id, token)
        cart = await actions.set_email(context.session, key, email, actor=actor(context))
        return CheckoutEmailUpdate(checkout=checkout_of(cart))

    @mutation(description="Sets where the goods go. The checkout keeps a copy; it is taxed by this country.")
    async def checkout_shipping_address_update(
        self,
        info: Info,
        shipping_address: Annotated[AddressInput, strawberry.argument(description="The address.")],
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
        save_address: SaveAddress = True,
        validation_rules: Rules = None,
    ) -> CheckoutShippingAddressUpdate | None:
        key = checkout_key(id, checkout_id, token)
        cart = await _set_address(info.context, key, SHIPPING, shipping_address, validation_rules, save=save_address)
        return CheckoutShippingAddressUpdate(checkout=checkout_of(cart))

    @mutation(description="Sets where the bill goes. The checkout keeps a copy.")
    async def checkout_billing_address_update(
        self,
        info: Info,
        billing_address: Annotated[AddressInput, strawberry.argument(description="The address.")],
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
        save_address: SaveAddress = True,
        validation_rules: Rules = None,
    ) -> CheckoutBillingAddressUpdate | None:
        key = checkout_key(id, checkout_id, token)
        cart = await _set_address(info.context, key, BILLING, billing_address, validation_rules, save=save_address)
        return CheckoutBillingAddressUpdate(checkout=checkout_of(cart))

    @mutation(description="Works out how the checkout can be delivered to its shipping address, and at what price.")
    async def delivery_options_calculate(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The checkout's ID.")],
    ) -> DeliveryOptionsCalculate | None:
        context = info.context
        cart, options = await actions.calculate_deliveries(
            context.session, required_uuid(id, "Checkout", field="id"), actor=actor(context)
        )
        return DeliveryOptionsCalculate(
            deliveries=[
                Delivery(
                    key=option.delivery_id,
                    method_id=option.method_id,
                    channel_id=cart.channel_id,
                    name=option.name,
                    price_amount=option.price_amount,
                    is_offered=True,
                )
                for option in options
            ]
        )

    @mutation(description="Chooses a delivery; without an ID, none is chosen any more.")
    async def checkout_delivery_method_update(
        self,
        info: Info,
        id: CheckoutId = None,
        delivery_method_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="ID of a delivery that was offered, or of its shipping method."),
        ] = None,
        token: Token = None,
    ) -> CheckoutDeliveryMethodUpdate | None:
        context = info.context
        key = checkout_key(id, token=token)
        delivery_id = method_id = None
        if delivery_method_id is not None:
            if ids.type_of(delivery_method_id) == "ShippingMethod":
                method_id = required_int(delivery_method_id, "ShippingMethod", field="deliveryMethodId")
            else:
                delivery_id = required_uuid(delivery_method_id, "CheckoutDelivery", field="deliveryMethodId")
        cart = await actions.choose_delivery(
            context.session, key, delivery_id=delivery_id, method_id=method_id, actor=actor(context)
        )
        return CheckoutDeliveryMethodUpdate(checkout=checkout_of(cart))

    @mutation(
        description="Chooses a delivery by its shipping method; without an ID, none is chosen any more.",
        deprecation_reason="Use `checkoutDeliveryMethodUpdate`.",
    )
    async def checkout_shipping_method_update(
        self,
        info: Info,
        id: CheckoutId = None,
        shipping_method_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The shipping method's ID.")
        ] = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
    ) -> CheckoutShippingMethodUpdate | None:
        context = info.context
        key = checkout_key(id, checkout_id, token)
        method_id = None
        if shipping_method_id is not None:
            method_id = required_int(shipping_method_id, "ShippingMethod", field="shippingMethodId")
        cart = await actions.choose_delivery(context.session, key, method_id=method_id, actor=actor(context))
        return CheckoutShippingMethodUpdate(checkout=checkout_of(cart))


def _given(
    context: Context, address: AddressInput | None, kind: str, rules: CheckoutAddressValidationRules | None
) -> PostalAddress | None:
    return None if address is None else checked_address(context, address, kind, rules)


async def _set_address(
    context: Context,
    key: uuid.UUID,
    kind: str,
    given: AddressInput,
    rules: CheckoutAddressValidationRules | None,
    *,
    save: bool | None,
) -> Cart:
    address = checked_address(context, given, kind, rules)
    return await actions.set_address(context.session, key, kind, address, save=save is not False, actor=actor(context))
