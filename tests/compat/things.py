"""What the callers of the permission and error tables ask about, and the arguments with which they ask."""

import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import User
from shop.checkout.models import CheckoutLine
from shop.checkout.rules import Cart
from shop.kit import ids
from tests import factories as make
from tests.compat.storefront import ADDRESS
from tests.compat.world import CHANNEL, World
from tests.database import OneConnectionDatabase
from tests.factories.payments import Desk, transaction

PASSWORD: Final = "a long enough one"
PAYMENT: Final = {"id": "saleor.app.payment.stripe", "data": {"paymentIntent": {"paymentMethod": "card"}}}


@dataclass(frozen=True, slots=True)
class Things:
    """What the callers ask about, by global IDs."""

    world: World
    guests_basket: str
    guests_line: str
    owners_basket: str
    owners_line: str
    guests_order: str
    owners_order: str
    address: str
    payment: str

    @property
    def product(self) -> str:
        """Something that exists, where something else is asked for."""
        return ids.encode("Product", self.world.shampoo.id)

    @property
    def page(self) -> str:
        """A page that everybody may read, and that takes no comments."""
        return ids.encode("Page", self.world.page.id)


Arguments = Callable[[Things], Mapping[str, Any]]


def _basket_of(whose: str, **more: Any) -> Arguments:
    return lambda things: {"id": getattr(things, f"{whose}_basket"), **more}


def _line_of(whose: str, name: str, make_value: Callable[[str], Any]) -> Arguments:
    return lambda things: {
        "id": getattr(things, f"{whose}_basket"),
        name: make_value(getattr(things, f"{whose}_line")),
    }


def _with_appointment(whose: str) -> Arguments:
    return lambda things: {
        "id": getattr(things, f"{whose}_basket"),
        "lines": [{"variantId": things.world.appointment, "quantity": 1}],
    }


NOTE: Final = [{"key": "note", "value": "x"}]
# What a row sends beside what is made up; a row without an entry asks with made-up arguments alone.
GIVEN: Final[Mapping[str, Arguments]] = {
    "product": lambda things: {"slug": "shampoo", "channel": CHANNEL},
    "product unpublished": lambda things: {"slug": "hidden", "channel": CHANNEL},
    "products": lambda things: {"first": 1, "channel": CHANNEL},
    "productVariant": lambda things: {"id": things.world.bottle, "channel": CHANNEL},
    "productVariant unpublished": lambda things: {"sku": "HIDDEN", "channel": CHANNEL},
    "productVariants": lambda things: {"first": 1, "channel": CHANNEL},
    "category": lambda things: {"slug": "care"},
    "categories": lambda things: {"first": 1},
    "collection": lambda things: {"slug": "featured-products", "channel": CHANNEL},
    "collections": lambda things: {"first": 1, "channel": CHANNEL},
    "attribute": lambda things: {"slug": "size"},
    "attribute hidden": lambda things: {"slug": "supplier"},
    "attributes": lambda things: {"first": 1},
    "page": lambda things: {"slug": "about"},
    "page unpublished": lambda things: {"slug": "draft"},
    "pageByFormerAddress": lambda things: {"address": "/2024/05/About/"},
    "pages": lambda things: {"first": 1},
    "pageType": lambda things: {"id": ids.encode("PageType", things.world.page.page_type_id)},
    "pageTypes": lambda things: {"first": 1},
    "menu": lambda things: {"slug": "navbar"},
    "menus": lambda things: {"first": 1},
    "menuItems": lambda things: {"first": 1},
    "menuItem": lambda things: {"id": ids.encode("MenuItem", things.world.entry.id)},
    "widgetArea": lambda things: {"slug": "side"},
    "latestComments": lambda things: {"first": 1},
    "comments": lambda things: {"first": 1},
    "comments of who writes pages": lambda things: {"first": 1},
    "commentCreate": lambda things: {
        "input": {"page": things.page, "authorName": "Reader", "email": "reader@example.com", "body": "x"}
    },
    "channel": lambda things: {"slug": CHANNEL},
    "addressValidationRules": lambda things: {"countryCode": "US"},
    "order of a guest": lambda things: {"id": things.guests_order},
    "order of the owner": lambda things: {"id": things.owners_order},
    "order by another system's number": lambda things: {"externalReference": "A-1"},
    "orders": lambda things: {"first": 1},
    "vouchers": lambda things: {"first": 1},
    "promotions": lambda things: {"first": 1},
    "bookableServices": lambda things: {"first": 1, "channel": CHANNEL},
    "practitioners": lambda things: {"first": 1},
    "bookingLocations": lambda things: {"first": 1},
    "bookingHolidays": lambda things: {"first": 1},
    "bookings": lambda things: {"first": 1},
    "waitlistEntries": lambda things: {"first": 1},
    "waitlistEntry": lambda things: {"token": "none"},
    "booking": lambda things: {"token": "none"},
    "bookingCancellationQuote": lambda things: {"token": "none"},
    "availableSlots": lambda things: {"variantId": things.world.appointment, "first": 1, "channel": CHANNEL},
    "availableDates": lambda things: {
        "variantId": things.world.appointment,
        "from": "2030-01-01",
        "to": "2030-01-08",
    },
    "giftCards": lambda things: {"first": 1},
    "warehouses": lambda things: {"first": 1},
    "entitlements": lambda things: {"first": 1},
    "checkoutCreate": lambda things: {"input": {"channel": CHANNEL, "lines": []}},
    "transactionProcess of a guest": lambda things: {"id": things.payment},
    "accountRegister": lambda things: {
        "input": {
            "email": "new@example.com",
            "password": PASSWORD,
            "redirectUrl": "http://shop.test/confirm",
            "channel": CHANNEL,
        }
    },
    "requestPasswordReset": lambda things: {"email": "owner@example.com", "redirectUrl": "http://shop.test/reset"},
    "passwordChange": lambda things: {"oldPassword": PASSWORD, "newPassword": "quite another one"},
    "accountUpdate": lambda things: {"input": {"firstName": "Another"}},
    "requestEmailChange": lambda things: {
        "newEmail": "other@example.com",
        "password": PASSWORD,
        "redirectUrl": "http://shop.test/change",
    },
    "accountRequestDeletion": lambda things: {"redirectUrl": "http://shop.test/gone"},
    "accountAddressCreate": lambda things: {"input": ADDRESS},
    "accountAddressUpdate": lambda things: {"id": things.address, "input": ADDRESS},
    "accountAddressDelete": lambda things: {"id": things.address},
    "accountSetDefaultAddress": lambda things: {"id": things.address, "type": "SHIPPING"},
    "updateMetadata of a product": lambda things: {"id": things.product, "input": NOTE},
    "deleteMetadata of a product": lambda things: {"id": things.product, "keys": ["note"]},
    "updatePrivateMetadata of a product": lambda things: {"id": things.product, "input": NOTE},
    "deletePrivateMetadata of a product": lambda things: {"id": things.product, "keys": ["note"]},
    "updatePrivateMetadata of the basket": lambda things: {"id": things.owners_basket, "input": NOTE},
    "tokenCreate": lambda things: {"email": "owner@example.com", "password": PASSWORD},
    **{
        f"{name} of {whose}": given
        for whose, key in (("a guest", "guests"), ("the owner", "owners"))
        for name, given in {
            "checkout": _basket_of(key),
            "checkoutLinesAdd": _with_appointment(key),
            "checkoutLinesUpdate": _line_of(key, "lines", lambda line: [{"lineId": line, "quantity": 2}]),
            "checkoutLineDelete": _line_of(key, "lineId", lambda line: line),
            "checkoutLinesDelete": _line_of(key, "linesIds", lambda line: [line]),
            "checkoutEmailUpdate": _basket_of(key, email="other@example.com"),
            "checkoutShippingAddressUpdate": _basket_of(key, shippingAddress=ADDRESS),
            "checkoutBillingAddressUpdate": _basket_of(key, billingAddress=ADDRESS),
            "checkoutCustomerNoteUpdate": _basket_of(key, customerNote="x"),
            "checkoutLanguageCodeUpdate": _basket_of(key, languageCode="DE"),
            "deliveryOptionsCalculate": _basket_of(key),
            "checkoutDeliveryMethodUpdate": _basket_of(key),
            "checkoutShippingMethodUpdate": _basket_of(key),
            "checkoutCustomerAttach": _basket_of(key),
            "checkoutCustomerDetach": _basket_of(key),
            "checkoutComplete": _basket_of(key),
            "checkoutAddPromoCode": _basket_of(key, promoCode="none"),
            "checkoutRemovePromoCode": _basket_of(key, promoCode="none"),
            "paymentGatewayInitialize": _basket_of(key),
            "transactionInitialize": _basket_of(key, paymentGateway=PAYMENT),
            "updateMetadata": _basket_of(key, input=NOTE),
            "deleteMetadata": _basket_of(key, keys=["note"]),
        }.items()
    },
}


@asynccontextmanager
async def undone(database: OneConnectionDatabase) -> AsyncIterator[None]:
    """Whatever is written inside is undone after it."""
    savepoint = await database._connection.begin_nested()
    yield
    await savepoint.rollback()


async def lay_out(desk: Desk, world: World, owner_email: str) -> Things:
    """Baskets and orders of a guest and of a user who exists, and things that are not published."""
    guests_order = await _order(desk, world, None, "A-1")
    owners_order = await _order(desk, world, owner_email, "A-2")

    async def fill(session: AsyncSession) -> Things:
        hidden = await make.product(session, world.channel, slug="hidden", is_published=False)
        await make.attribute(session, slug="supplier", visible_in_storefront=False)
        await make.variant(session, world.channel, product=hidden, sku="HIDDEN")
        await make.page(session, slug="draft", is_published=False)
        owner = await _user(session, owner_email)
        guests = await _basket(session, world, None)
        owners = await _basket(session, world, owner)
        return Things(
            world=world,
            guests_basket=ids.encode("Checkout", guests),
            guests_line=await _line(session, guests),
            owners_basket=ids.encode("Checkout", owners),
            owners_line=await _line(session, owners),
            guests_order=guests_order,
            owners_order=owners_order,
            address=ids.encode("Address", (await make.address(session, user_id=owner.id)).id),
            payment=ids.encode("TransactionItem", (await transaction(session, guests)).id),
        )

    return await desk.database.run(fill)


async def _user(session: AsyncSession, email: str) -> User:
    return (await session.scalars(select(User).where(User.email == email))).one()


async def _order(desk: Desk, world: World, owner: str | None, number: str) -> str:
    """The ID of an order for nothing, with another system's number."""

    async def fill(session: AsyncSession) -> Cart:
        free = await make.variant(session, world.channel, product=world.service, price="0.00", track_inventory=False)
        return await make.checkout(
            session,
            world.channel,
            {free: 1},
            user=await _user(session, owner) if owner else None,
            email="buyer@example.com",
            billing_address=make.postal_address(),
        )

    key = await desk.complete((await desk.database.run(fill)).id)
    set_number = "UPDATE order_order SET external_reference = :number WHERE id = :id RETURNING 1"
    await desk.scalar(set_number, number=number, id=key)
    return ids.encode("Order", key)


async def _basket(session: AsyncSession, world: World, user: User | None) -> uuid.UUID:
    """A bottle and a visit, with every address."""
    here = make.postal_address()
    lines = {world.variants[0]: 1, world.visit: 1}
    email = "buyer@example.com"
    made = await make.checkout(
        session, world.channel, lines, user=user, email=email, shipping_address=here, billing_address=here
    )
    return made.id


async def _line(session: AsyncSession, basket: uuid.UUID) -> str:
    """The global ID of the line that must be sent."""
    found = await session.scalars(
        select(CheckoutLine.id).where(CheckoutLine.checkout_id == basket).order_by(CheckoutLine.variant_id).limit(1)
    )
    return ids.encode("CheckoutLine", found.one())
