"""Whose checkout it is, their language and their note."""

from typing import Annotated

import strawberry

from shop.api.checkout.inputs import CheckoutId, OldCheckoutId, Token, actor, checkout_key
from shop.api.checkout.payloads import (
    CheckoutCustomerAttach,
    CheckoutCustomerDetach,
    CheckoutCustomerNoteUpdate,
    CheckoutLanguageCodeUpdate,
)
from shop.api.checkout.types import checkout_of
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int, required_uuid
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.mutation import mutation
from shop.api.core.permissions import require, require_user
from shop.checkout import actions

# Lets staff act on behalf of customers.
IMPERSONATE = "IMPERSONATE_USER"


@strawberry.type
class CheckoutCustomerMutations:
    """Mutations of who a checkout belongs to and what they say."""

    @mutation(
        description="Makes a guest's checkout the caller's own; its e-mail becomes the account's. "
        "With IMPERSONATE_USER, that of another customer."
    )
    async def checkout_customer_attach(
        self,
        info: Info,
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
        customer_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The customer; the caller when left out. Others need IMPERSONATE_USER."),
        ] = None,
    ) -> CheckoutCustomerAttach | None:
        context = info.context
        caller_id = require_user(context)
        key = checkout_key(id, checkout_id, token)
        user_id = caller_id if customer_id is None else _customer(context, customer_id)
        cart = await actions.attach(context.session, key, user_id, actor=actor(context, IMPERSONATE))
        return CheckoutCustomerAttach(checkout=checkout_of(cart))

    @mutation(description="Makes the caller's checkout a guest's. With IMPERSONATE_USER, anybody's.")
    async def checkout_customer_detach(
        self, info: Info, id: CheckoutId = None, checkout_id: OldCheckoutId = None, token: Token = None
    ) -> CheckoutCustomerDetach | None:
        context = info.context
        require_user(context)
        key = checkout_key(id, checkout_id, token)
        cart = await actions.detach(context.session, key, actor=actor(context, IMPERSONATE))
        return CheckoutCustomerDetach(checkout=checkout_of(cart))

    @mutation(description="Sets the language that the buyer reads; mails about the order are written in it.")
    async def checkout_language_code_update(
        self,
        info: Info,
        language_code: Annotated[LanguageCodeEnum, strawberry.argument(description="The language.")],
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
    ) -> CheckoutLanguageCodeUpdate | None:
        context = info.context
        key = checkout_key(id, checkout_id, token)
        cart = await actions.set_language(context.session, key, language_code.name, actor=actor(context))
        return CheckoutLanguageCodeUpdate(checkout=checkout_of(cart))

    @mutation(description="Sets what the buyer wishes to say about the order; an empty text takes it back.")
    async def checkout_customer_note_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The checkout's ID.")],
        customer_note: Annotated[
            str, strawberry.argument(description="The note, plain text of at most 10,000 characters.")
        ],
    ) -> CheckoutCustomerNoteUpdate | None:
        context = info.context
        key = required_uuid(id, "Checkout", field="id")
        cart = await actions.set_note(context.session, key, customer_note, actor=actor(context))
        return CheckoutCustomerNoteUpdate(checkout=checkout_of(cart))


def _customer(context: Context, customer_id: strawberry.ID) -> int:
    """The customer that is meant: the caller, or anybody for who may act on behalf of others."""
    user_id = required_int(customer_id, "User", field="customerId")
    if user_id != context.caller.user_id:
        require(context, IMPERSONATE)
    return user_id
