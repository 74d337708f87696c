"""What clients send about checkouts, and who they are towards a checkout."""

import uuid
from collections.abc import Sequence
from typing import Annotated

import strawberry
from graphql import GraphQLError

from shop.accounts.addresses import PostalAddress, checked, complete
from shop.api.accounts.types import AddressInput, postal_address
from shop.api.booking.inputs import CheckoutLineBookingInput, slot_from
from shop.api.core.context import Context
from shop.api.core.ids import required_int, required_uuid
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.scalars import PositiveDecimal
from shop.api.metadata.inputs import MetadataInput, entries
from shop.checkout.actions import LineChange, NewLine
from shop.checkout.rules import Actor
from shop.kit.errors import Invalid

MANAGERS = ("MANAGE_CHECKOUTS", "HANDLE_CHECKOUTS")

CheckoutId = Annotated[strawberry.ID | None, strawberry.argument(description="The checkout's ID.")]
OldCheckoutId = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The checkout's ID, by an older name.", deprecation_reason="Use `id`."),
]
Token = Annotated[
    uuid.UUID | None,
    strawberry.argument(description="The checkout's UUID, without its type.", deprecation_reason="Use `id`."),
]


@strawberry.input(description="A variant and how many of it to add.")
class CheckoutLineInput:
    quantity: int = strawberry.field(description="How many; 1 or more.")
    variant_id: strawberry.ID = strawberry.field(description="The variant's ID.")
    price: PositiveDecimal | None = strawberry.field(
        default=None, description="A price of one's own. For apps that may set prices; refused for everybody else."
    )
    price_override_reason: str | None = strawberry.field(default=None, description="Why the price is another one.")
    force_new_line: bool | None = strawberry.field(
        default=False, description="As a line of its own, even if the variant is in the cart already."
    )
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Public metadata of the line.")
    booking: CheckoutLineBookingInput | None = strawberry.field(
        default=None, description="The time that the line holds, for a variant that can be booked."
    )


@strawberry.input(description="A line's new quantity. Either `lineId` or `variantId` is needed.")
class CheckoutLineUpdateInput:
    variant_id: strawberry.ID | None = strawberry.field(
        default=None, description="The variant's ID.", deprecation_reason="Use `lineId`."
    )
    quantity: int | None = strawberry.field(default=None, description="How many; 0 removes the line.")
    price: PositiveDecimal | None = strawberry.field(
        default=None, description="A price of one's own. For apps that may set prices; refused for everybody else."
    )
    price_override_reason: str | None = strawberry.field(default=None, description="Why the price is another one.")
    line_id: strawberry.ID | None = strawberry.field(default=None, description="The line's ID.")
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Public metadata to add.")
    booking: CheckoutLineBookingInput | None = strawberry.field(
        default=None, description="Another time for the line; what it held is let go of once the new one is held."
    )


@strawberry.input(description="How strictly an address is looked at.")
class CheckoutAddressValidationRules:
    check_required_fields: bool | None = strawberry.field(
        default=True, description="Whether every field must be filled that the country needs."
    )
    check_fields_format: bool | None = strawberry.field(
        default=True, description="Whether postal code, state and phone number must look as they do in the country."
    )
    enable_fields_normalization: bool | None = strawberry.field(
        default=True,
        description="Whether texts are stored as the country writes them, and fields that it does not use left out; "
        "blanks around texts are dropped in any case.",
    )


@strawberry.input(description="How strictly the addresses are looked at.")
class CheckoutValidationRules:
    shipping_address: CheckoutAddressValidationRules | None = strawberry.field(
        default=None, description="For the shipping address."
    )
    billing_address: CheckoutAddressValidationRules | None = strawberry.field(
        default=None, description="For the billing address."
    )


@strawberry.input(description="What a checkout starts with.")
class CheckoutCreateInput:
    channel: str | None = strawberry.field(default=None, description="Slug of the channel.")
    lines: list[CheckoutLineInput] = strawberry.field(description="What is put into the cart first; may be empty.")
    email: str | None = strawberry.field(default=None, description="Where the confirmation goes.")
    save_shipping_address: bool | None = strawberry.field(
        default=True, description="Whether a user's shipping address goes into the address book with the order."
    )
    shipping_address: AddressInput | None = strawberry.field(default=None, description="Where the goods go.")
    save_billing_address: bool | None = strawberry.field(
        default=True, description="Whether a user's billing address goes into the address book with the order."
    )
    billing_address: AddressInput | None = strawberry.field(default=None, description="Where the bill goes.")
    language_code: LanguageCodeEnum | None = strawberry.field(default=None, description="The buyer's language.")
    validation_rules: CheckoutValidationRules | None = strawberry.field(
        default=None, description="How strictly the addresses are looked at."
    )
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Public metadata.")
    private_metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Private metadata. For staff that manages checkouts."
    )


def actor(context: Context, *instead: str) -> Actor:
    """Who calls, towards checkouts. The reply is the caller's own from now on.

    `instead`: the permissions that open everybody's checkouts here, where they are not the usual ones.
    """
    context.is_private = True
    caller = context.caller
    return Actor(user_id=caller.user_id, manages=caller.may(*(instead or MANAGERS)), refusal=caller.problem)


def checkout_key(
    id: strawberry.ID | None, checkout_id: strawberry.ID | None = None, token: uuid.UUID | None = None
) -> uuid.UUID:
    """The checkout that is meant. Raises: Invalid (GRAPHQL_ERROR) for none, several, or no checkout's ID."""
    given = [value for value in (id, checkout_id, token) if value is not None]
    if len(given) != 1:
        raise Invalid("Exactly one of `id`, `checkoutId` and `token` is needed.", field="id", code="GRAPHQL_ERROR")
    if token is not None:
        return token
    return required_uuid(str(given[0]), "Checkout", field="id" if id is not None else "checkoutId")


def new_lines(context: Context, given: Sequence[CheckoutLineInput]) -> list[NewLine]:
    """The lines to add. Raises: Invalid for a malformed ID; PermissionDenied for a price of the client's own."""
    for line in given:
        _no_own_price(line.price, line.price_override_reason)
    return [
        NewLine(
            variant_id=required_int(line.variant_id, "ProductVariant", field="variantId"),
            quantity=line.quantity,
            separate=bool(line.force_new_line),
            metadata=(notes := entries(line.metadata)),
            slot=slot_from(context, line.booking, notes, line.quantity),
        )
        for line in given
    ]


def line_changes(context: Context, given: Sequence[CheckoutLineUpdateInput]) -> list[LineChange]:
    """The changes of lines. Raises: Invalid for a malformed ID, or for none or two of them."""
    changes = []
    for line in given:
        _no_own_price(line.price, line.price_override_reason)
        if (line.line_id is None) == (line.variant_id is None):
            raise Invalid("Exactly one of `lineId` and `variantId` is needed.", field="lineId", code="GRAPHQL_ERROR")
        changes.append(
            LineChange(
                line_id=None if line.line_id is None else required_uuid(line.line_id, "CheckoutLine", field="lineId"),
                variant_id=None
                if line.variant_id is None
                else required_int(line.variant_id, "ProductVariant", field="variantId"),
                quantity=line.quantity,
                metadata=(notes := entries(line.metadata)),
                slot=slot_from(context, line.booking, notes, line.quantity),
            )
        )
    return changes


def checked_address(
    context: Context, given: AddressInput, kind: str, rules: CheckoutAddressValidationRules | None
) -> PostalAddress:
    """The address, fit to be a checkout's. Raises: Many with the errors of its fields; PermissionDenied where the
    caller may not skip the checks.
    """
    address = postal_address(given)
    if given.skip_validation:
        if not context.caller.may(*MANAGERS):
            raise _denied("skip the validation of addresses")
        return checked(address, kind=kind, required=False, formats=False)
    asked = rules or CheckoutAddressValidationRules()
    return complete(
        address,
        kind=kind,
        required=asked.check_required_fields is not False,
        formats=asked.check_fields_format is not False,
        normalized=asked.enable_fields_normalization is not False,
    )


def _no_own_price(price: PositiveDecimal | None, reason: str | None) -> None:
    """Prices come from the listings alone; apps, which may set others in Saleor, do not exist here yet."""
    if price is not None:
        raise _denied("set prices")
    if reason:
        raise Invalid(
            "A reason needs a price.", field="priceOverrideReason", code="PRICE_OVERRIDE_REASON_WITHOUT_OVERRIDE"
        )


def _denied(what: str) -> GraphQLError:
    return GraphQLError(
        f"You may not {what}. To access this path, you need one of the following permissions: HANDLE_CHECKOUTS",
        extensions={"exception": {"code": "PermissionDenied"}},
    )
