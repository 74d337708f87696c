"""Reads of users, addresses and tokens."""

from collections.abc import Collection

from sqlalchemy import ARRAY, Integer, String, any_, bindparam, collate, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.models import Address, RefreshToken, User, UserPermission
from shop.site.models import SiteSettings

_PERMISSIONS = func.array(
    select(UserPermission.code).where(UserPermission.user_id == User.id).scalar_subquery(), type_=ARRAY(String)
)

# Who a token speaks for, as things stand now.
CALLER_BY_ID = select(
    User.id, User.email, User.is_staff, User.is_active, User.token_key, _PERMISSIONS.label("permissions")
).where(User.id == bindparam("id", type_=Integer))

_CREDENTIALS = select(
    User.id,
    User.email,
    User.is_staff,
    User.is_active,
    User.is_confirmed,
    User.token_key,
    User.password_hash,
)
CREDENTIALS_BY_EMAIL = _CREDENTIALS.where(User.email == bindparam("email", type_=String))
CREDENTIALS_BY_ID = _CREDENTIALS.where(User.id == bindparam("id", type_=Integer))

PERMISSIONS_BY_USER = (
    select(UserPermission.user_id, UserPermission.code)
    .where(UserPermission.user_id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(UserPermission.user_id, collate(UserPermission.code, "C"))
)

REFRESH_TOKEN_BY_HASH = select(RefreshToken.user_id, RefreshToken.expires_at, RefreshToken.revoked_at).where(
    RefreshToken.token_hash == bindparam("token_hash", type_=String)
)

USERS_BY_ID = select(
    User.id.label("pk"),
    User.email,
    User.first_name,
    User.last_name,
    User.is_staff,
    User.is_active,
    User.is_confirmed,
    User.language_code.label("language"),
    User.external_reference,
    User.last_login,
    User.created_at.label("date_joined"),
    User.updated_at,
    User.default_shipping_address_id,
    User.default_billing_address_id,
    User.avatar_asset_id,
    User.metadata_public.label("metadata_public"),
    User.metadata_private.label("metadata_private"),
).where(User.id == any_(bindparam("ids", type_=ARRAY(Integer))))

_ADDRESS = (
    Address.id.label("pk"),
    Address.first_name,
    Address.last_name,
    Address.company_name,
    Address.street_address_1,
    Address.street_address_2,
    Address.city,
    Address.city_area,
    Address.postal_code,
    Address.country.label("country_code"),
    Address.country_area,
    Address.phone,
    Address.metadata_public.label("metadata_public"),
    Address.metadata_private.label("metadata_private"),
)

ADDRESSES_BY_ID = select(*_ADDRESS).where(Address.id == any_(bindparam("ids", type_=ARRAY(Integer))))

ADDRESS_IDS_BY_USER = (
    select(Address.user_id, Address.id)
    .where(Address.user_id == any_(bindparam("ids", type_=ARRAY(Integer))))
    .order_by(Address.user_id, Address.id)
)

# Whether addresses of address books are their owners' defaults; copies have no owner and no row here.
DEFAULTS_BY_ADDRESS = (
    select(
        Address.id,
        (User.default_shipping_address_id == Address.id).label("shipping"),
        (User.default_billing_address_id == Address.id).label("billing"),
    )
    .join(User, User.id == Address.user_id)
    .where(Address.id == any_(bindparam("ids", type_=ARRAY(Integer))))
)

_SHOP_NAME = select(SiteSettings.name)


async def shop_name(session: AsyncSession) -> str:
    """What the shop calls itself in mails."""
    return (await session.execute(_SHOP_NAME)).scalar_one_or_none() or "Shop"


_STAFF_MAILBOXES = (
    select(User.id, User.email)
    .where(
        User.is_staff,
        User.is_active,
        select(UserPermission.code)
        .where(UserPermission.user_id == User.id, UserPermission.code == any_(bindparam("codes", type_=ARRAY(String))))
        .exists(),
    )
    .order_by(User.id)
)


async def staff_mailboxes(session: AsyncSession, codes: Collection[str]) -> list[tuple[int, str]]:
    """The ids and addresses of the staff that has one of these permissions."""
    return [(row.id, row.email) for row in await session.execute(_STAFF_MAILBOXES, {"codes": sorted(codes)})]
