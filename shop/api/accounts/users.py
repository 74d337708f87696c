"""Users in the API. Whoever holds a `User` object was allowed to see that user: the checks stand where it is made."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry

from shop.accounts import queries
from shop.accounts.actions import PERMISSIONS
from shop.api.accounts.types import Address
from shop.api.core.context import Context
from shop.api.core.enums import ThumbnailFormatEnum
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import require
from shop.api.media.types import Image, images
from shop.execution import Selection, batch_field

if TYPE_CHECKING:
    from shop.api.booking.bookings import BookingCountableConnection
    from shop.api.booking.entitlements import EntitlementCountableConnection
    from shop.api.giftcards.connections import GiftCardCountableConnection
    from shop.api.orders.connections import OrderCountableConnection

    class PermissionEnum(Enum):
        """A permission; its members are made at run time from those that a user can hold."""

else:
    PermissionEnum = strawberry.enum(
        Enum("PermissionEnum", {code: code for code in PERMISSIONS}),
        description="Something that not everybody may do or see.",
    )


@strawberry.type(description="A permission that a member of staff holds.")
class UserPermission:
    code: PermissionEnum = strawberry.field(description="The permission.")

    @computed(description="The permission in English words.")
    def name(self) -> str:
        return str(self.code.value).replace("_", " ").capitalize()


@strawberry.type(description="A customer or a member of staff.")
class User(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_USERS", "MANAGE_STAFF")

    pk: strawberry.Private[int]
    email: str = strawberry.field(description="The e-mail to log in with, in lower case.")
    first_name: str = strawberry.field(description="Given name, or empty.")
    last_name: str = strawberry.field(description="Family name, or empty.")
    is_staff: bool = strawberry.field(description="Whether the user works here.")
    is_active: bool = strawberry.field(description="Whether the user may log in.")
    is_confirmed: bool = strawberry.field(description="Whether the mailbox was proved.")
    language: strawberry.Private[str]
    external_reference: str | None = strawberry.field(description="The user's id in another system.")
    last_login: datetime | None = strawberry.field(description="When the user last logged in with a password.")
    date_joined: datetime = strawberry.field(description="When the account was made.")
    updated_at: datetime = strawberry.field(description="When the account last changed.")
    default_shipping_address_id: strawberry.Private[int | None]
    default_billing_address_id: strawberry.Private[int | None]
    avatar_asset_id: strawberry.Private[int | None]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        # Who has just registered stands in no table that the client may know of.
        return global_id("User", self.pk) if self.pk else strawberry.ID("")

    @computed(description="The language that mails to this user are written in.")
    def language_code(self) -> LanguageCodeEnum:
        return LanguageCodeEnum[self.language]

    @batch_field(description="The address book.")
    @staticmethod
    async def addresses(parents: list["User"], context: Context) -> list[list[Address]]:
        owners = await context.rows(queries.ADDRESS_IDS_BY_USER, ids=sorted({user.pk for user in parents}))
        found = await addresses_by_id(context, [row["id"] for row in owners])
        return [[found[row["id"]] for row in owners if row["user_id"] == user.pk] for user in parents]

    @batch_field(description="The address that parcels go to unless another is chosen.")
    @staticmethod
    async def default_shipping_address(parents: list["User"], context: Context) -> list[Address | None]:
        ids = [user.default_shipping_address_id for user in parents]
        found = await addresses_by_id(context, ids)
        return [found.get(pk) if pk is not None else None for pk in ids]

    @batch_field(description="The address on bills unless another is chosen.")
    @staticmethod
    async def default_billing_address(parents: list["User"], context: Context) -> list[Address | None]:
        ids = [user.default_billing_address_id for user in parents]
        found = await addresses_by_id(context, ids)
        return [found.get(pk) if pk is not None else None for pk in ids]

    @batch_field(description="What the user may do besides what every customer may; none for who does not work here.")
    @staticmethod
    async def user_permissions(parents: list["User"], context: Context) -> list[list[UserPermission] | None]:
        rows = await context.rows(queries.PERMISSIONS_BY_USER, ids=sorted({user.pk for user in parents}))
        held = [(row["user_id"], UserPermission(code=PermissionEnum(row["code"]))) for row in rows]
        return [[one for pk, one in held if pk == user.pk] if user.is_staff else [] for user in parents]

    @batch_field(description="The user's picture in a size (its longest side, in pixels) and format, or null.")
    @staticmethod
    async def avatar(
        parents: list["User"],
        context: Context,
        size: int | None = None,
        format: ThumbnailFormatEnum | None = ThumbnailFormatEnum.ORIGINAL,
    ) -> list[Image | None]:
        pictures = [(user.avatar_asset_id, f"{user.first_name} {user.last_name}".strip()) for user in parents]
        return await images(context, pictures, size, format)

    @batch_field(description="The orders placed, newest first: one's own, or anybody's for MANAGE_ORDERS.")
    @staticmethod
    async def orders(
        parents: list["User"],
        context: Context,
        selection: Selection,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["OrderCountableConnection", strawberry.lazy("shop.api.orders.connections")] | None]:
        from shop.api.orders.connections import list_orders_of_users

        if any(user.pk != context.caller.user_id for user in parents):
            require(context, "MANAGE_ORDERS")
        keys = [user.pk for user in parents]
        return await list_orders_of_users(context, keys, selection, before=before, after=after, first=first, last=last)

    @batch_field(description="Visits that were booked, by start: one's own, or anybody's for MANAGE_BOOKINGS.")
    @staticmethod
    async def bookings(
        parents: list["User"],
        context: Context,
        selection: Selection,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["BookingCountableConnection", strawberry.lazy("shop.api.booking.bookings")] | None]:
        from shop.api.booking.bookings import list_bookings_of_users

        if any(user.pk != context.caller.user_id for user in parents):
            require(context, "MANAGE_BOOKINGS")
        keys = [user.pk for user in parents]
        return await list_bookings_of_users(
            context, keys, selection, before=before, after=after, first=first, last=last
        )

    @batch_field(description="Sessions of packages, newest first: one's own, or anybody's for MANAGE_BOOKINGS.")
    @staticmethod
    async def entitlements(
        parents: list["User"],
        context: Context,
        selection: Selection,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["EntitlementCountableConnection", strawberry.lazy("shop.api.booking.entitlements")] | None]:
        from shop.api.booking.entitlements import list_entitlements_of_users

        if any(user.pk != context.caller.user_id for user in parents):
            require(context, "MANAGE_BOOKINGS")
        keys = [user.pk for user in parents]
        return await list_entitlements_of_users(
            context, keys, selection, before=before, after=after, first=first, last=last
        )

    @batch_field(
        description="The gift cards that are theirs, newest first: one's own, or anybody's for MANAGE_GIFT_CARD."
    )
    @staticmethod
    async def gift_cards(
        parents: list["User"],
        context: Context,
        selection: Selection,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> list[Annotated["GiftCardCountableConnection", strawberry.lazy("shop.api.giftcards.connections")] | None]:
        from shop.api.giftcards.connections import list_cards_of_users

        if any(user.pk != context.caller.user_id for user in parents):
            require(context, "MANAGE_GIFT_CARD")
        keys = [user.pk for user in parents]
        return await list_cards_of_users(context, keys, selection, before=before, after=after, first=first, last=last)


async def users_by_id(context: Context, ids: list[int]) -> dict[int, User]:
    """The users by their keys, in one statement; none for no keys."""
    if not ids:
        return {}
    users = await context.fetch(User, queries.USERS_BY_ID, ids=sorted(set(ids)))
    return {user.pk: user for user in users}


async def addresses_by_id(context: Context, ids: list[int | None]) -> dict[int, Address]:
    """The addresses by their keys, in one statement; none for no keys."""
    wanted = sorted({pk for pk in ids if pk is not None})
    if not wanted:
        return {}
    return {address.pk: address for address in await context.fetch(Address, queries.ADDRESSES_BY_ID, ids=wanted)}
