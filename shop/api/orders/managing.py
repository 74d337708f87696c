"""What staff do to orders besides sending them. For staff that manages orders."""

from typing import Annotated

import strawberry

from shop.accounts.addresses import PostalAddress, checked, complete
from shop.api.accounts.types import AddressInput, postal_address
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_uuid
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.mutation import mutation
from shop.api.metadata.inputs import MetadataInput, entries
from shop.api.orders.lines import MANAGERS
from shop.api.orders.payloads import OrderCancel, OrderConfirm, OrderMarkAsPaid, OrderNoteAdd, OrderUpdate
from shop.checkout.flows import order_url
from shop.kit.errors import Invalid
from shop.orders import actions

OrderId = Annotated[strawberry.ID, strawberry.argument(description="The order.")]


@strawberry.input(description="A note for the order's history.")
class OrderNoteInput:
    message: str = strawberry.field(description="What it says; it may not be empty.")


@strawberry.input(description="What of an order is to be another; what is left out stays.")
class OrderUpdateInput:
    billing_address: AddressInput | None = strawberry.field(default=None, description="Where the bill goes.")
    user_email: str | None = strawberry.field(default=None, description="Where mails about it go.")
    shipping_address: AddressInput | None = strawberry.field(default=None, description="Where the goods go.")
    external_reference: str | None = strawberry.field(default=None, description="The order's id in another system.")
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Public metadata to add.")
    private_metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="Private metadata to add."
    )
    language_code: LanguageCodeEnum | None = strawberry.field(default=None, description="The buyer's language.")


@strawberry.type
class OrderManagementMutations:
    """Mutations of orders by staff."""

    @mutation(
        description="Ends an order of which nothing is with the buyer. What was promised to it may be sold again; "
        "money stays where it is until somebody asks its payments for a refund. Needs MANAGE_ORDERS.",
        permissions=MANAGERS,
    )
    async def order_cancel(self, info: Info, id: OrderId) -> OrderCancel | None:
        key = required_uuid(id, "Order", field="id")
        await actions.cancel(info.context.session, key, _by(info.context))
        return OrderCancel(order_key=key)

    @mutation(
        description="Lets an order go on that was held for a person to look at. Needs MANAGE_ORDERS.",
        permissions=MANAGERS,
    )
    async def order_confirm(self, info: Info, id: OrderId) -> OrderConfirm | None:
        key = required_uuid(id, "Order", field="id")
        await actions.confirm(info.context.session, key, _by(info.context))
        return OrderConfirm(order_key=key)

    @mutation(
        description="Writes down that an order's whole total was paid outside of the shop. Only for orders without "
        "payments. Needs MANAGE_ORDERS.",
        permissions=MANAGERS,
    )
    async def order_mark_as_paid(
        self,
        info: Info,
        id: OrderId,
        transaction_reference: Annotated[
            str | None, strawberry.argument(description="The payment's name elsewhere, such as a bank transfer's.")
        ] = None,
    ) -> OrderMarkAsPaid | None:
        key = required_uuid(id, "Order", field="id")
        if transaction_reference is not None and len(transaction_reference) > _REFERENCE_LIMIT:
            raise Invalid(f"A reference holds at most {_REFERENCE_LIMIT} characters.", field="transactionReference")
        await actions.mark_as_paid(
            info.context.session, key, _by(info.context), reference=(transaction_reference or "").strip() or None
        )
        return OrderMarkAsPaid(order_key=key)

    @mutation(description="Adds a note to an order's history. Needs MANAGE_ORDERS.", permissions=MANAGERS)
    async def order_note_add(
        self,
        info: Info,
        order: OrderId,
        input: Annotated[OrderNoteInput, strawberry.argument(description="The note.")],
    ) -> OrderNoteAdd | None:
        key = required_uuid(order, "Order", field="order")
        event = await actions.add_note(info.context.session, key, input.message, _by(info.context))
        return OrderNoteAdd(order_key=key, event_key=event)

    @mutation(
        description="Corrects an order's addresses, e-mail, language, reference and metadata. Needs MANAGE_ORDERS.",
        permissions=MANAGERS,
    )
    async def order_update(
        self,
        info: Info,
        input: Annotated[OrderUpdateInput, strawberry.argument(description="What is to be another.")],
        id: Annotated[strawberry.ID | None, strawberry.argument(description="The order.")] = None,
        external_reference: Annotated[
            str | None, strawberry.argument(description="The order, by its id in another system.")
        ] = None,
    ) -> OrderUpdate | None:
        context = info.context
        if (id is None) == (external_reference is None):
            raise Invalid("Exactly one of `id` and `externalReference` is needed.", field="id", code="GRAPHQL_ERROR")
        if id is not None:
            key = required_uuid(id, "Order", field="id")
        else:
            key = await actions.order_by_reference(context.session, str(external_reference))
        corrections = actions.Corrections(
            email=input.user_email,
            language_code=None if input.language_code is None else input.language_code.name,
            external_reference=input.external_reference,
            billing_address=_address(input.billing_address, "BILLING"),
            shipping_address=_address(input.shipping_address, "SHIPPING"),
            metadata_public=entries(input.metadata),
            metadata_private=entries(input.private_metadata, field="privateMetadata"),
        )
        await actions.correct(context.session, key, corrections, _by(context))
        return OrderUpdate(order_key=key)


_REFERENCE_LIMIT = 512


def _by(context: Context) -> actions.By:
    return actions.By(context.caller.user_id, order_url(context.settings))


def _address(given: AddressInput | None, kind: str) -> PostalAddress | None:
    if given is None:
        return None
    if given.skip_validation:
        return checked(postal_address(given), kind=kind, required=False, formats=False)
    return complete(postal_address(given), kind=kind)
