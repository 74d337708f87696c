"""Codes on a cart: of vouchers and of gift cards."""

from typing import Annotated

import strawberry

from shop.api.checkout.inputs import CheckoutId, OldCheckoutId, Token, actor, checkout_key
from shop.api.checkout.payloads import CheckoutAddPromoCode, CheckoutRemovePromoCode
from shop.api.checkout.types import checkout_of
from shop.api.core.context import Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import flow, mutation
from shop.checkout import actions
from shop.checkout.flows import try_promo_code
from shop.kit import ids
from shop.kit.errors import Invalid


@strawberry.type
class CheckoutPromoMutations:
    """Mutations of a checkout's codes."""

    @flow(
        description="Gives the checkout a code: a voucher's takes the place of the one before, a gift card's stands "
        "beside others. Neither is used up before the order. A code that nobody has and one that is somebody else's "
        "are answered alike, and after many that do not apply the next has to wait; the error says until when."
    )
    async def checkout_add_promo_code(
        self,
        info: Info,
        promo_code: Annotated[str, strawberry.argument(description="The code, in any case.")],
        id: CheckoutId = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
    ) -> CheckoutAddPromoCode | None:
        context = info.context
        key = checkout_key(id, checkout_id, token)
        cart = await try_promo_code(
            context.units,
            context.settings,
            key,
            promo_code,
            actor=actor(context),
            address=context.client_address,
            now=context.now,
        )
        return CheckoutAddPromoCode(checkout=checkout_of(cart))

    @mutation(description="Takes a code off the checkout, by the code itself or by the ID of its voucher or gift card.")
    async def checkout_remove_promo_code(
        self,
        info: Info,
        id: CheckoutId = None,
        promo_code: Annotated[str | None, strawberry.argument(description="The code, in any case.")] = None,
        promo_code_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="The ID of the voucher or the gift card.")
        ] = None,
        checkout_id: OldCheckoutId = None,
        token: Token = None,
    ) -> CheckoutRemovePromoCode | None:
        context = info.context
        key = checkout_key(id, checkout_id, token)
        if (promo_code is None) == (promo_code_id is None):
            raise Invalid("Either `promoCode` or `promoCodeId` is needed.", field="promoCode", code="GRAPHQL_ERROR")
        who = actor(context)
        if promo_code is not None:
            cart = await actions.remove_promo_code(context.session, key, promo_code, actor=who)
        elif ids.type_of(str(promo_code_id)) == "GiftCard":
            card = required_int(str(promo_code_id), "GiftCard", field="promoCodeId")
            cart = await actions.remove_gift_card(context.session, key, card, actor=who)
        else:
            voucher = required_int(str(promo_code_id), "Voucher", field="promoCodeId")
            cart = await actions.remove_voucher(context.session, key, voucher, actor=who)
        return CheckoutRemovePromoCode(checkout=checkout_of(cart))
