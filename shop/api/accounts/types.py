"""Postal addresses in the API."""

from typing import ClassVar

import strawberry

from shop.accounts.addresses import TEXTS, PostalAddress
from shop.accounts.queries import DEFAULTS_BY_ADDRESS
from shop.api.core.context import Context
from shop.api.core.enums import CountryCode
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.metadata.inputs import MetadataInput, entries
from shop.execution import batch_field
from shop.kit.countries import NAMES


@strawberry.type(description="A country.")
class CountryDisplay:
    code: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    country: str = strawberry.field(description="Its name in English.")


def country_display(code: str) -> CountryDisplay:
    """The country with its name; one that the list does not know goes by its code."""
    return CountryDisplay(code=code, country=NAMES.get(code, code))


@strawberry.type(description="A postal address.")
class Address(ObjectWithMetadata):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_USERS",)

    pk: strawberry.Private[int]
    first_name: str = strawberry.field(description="Given name, or empty.")
    last_name: str = strawberry.field(description="Family name, or empty.")
    company_name: str = strawberry.field(description="Company, or empty.")
    street_address_1: str = strawberry.field(description="Street and number.")
    street_address_2: str = strawberry.field(description="More about the place, such as a flat; or empty.")
    city: str = strawberry.field(description="Town or city.")
    city_area: str = strawberry.field(description="District, or empty.")
    postal_code: str = strawberry.field(description="Postal code; empty in countries that have none.")
    country_code: strawberry.Private[str]
    country_area: str = strawberry.field(description="State, province or region, or empty.")
    phone: str | None = strawberry.field(description="Phone number, or empty.")

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Address", self.pk)

    @computed(description="The country.")
    def country(self) -> CountryDisplay:
        return country_display(self.country_code)

    @batch_field(description="Whether it is its owner's default shipping address; null for one in no address book.")
    @staticmethod
    async def is_default_shipping_address(parents: list["Address"], context: Context) -> list[bool | None]:
        return [None if found is None else found[0] for found in await _defaults(parents, context)]

    @batch_field(description="Whether it is its owner's default billing address; null for one in no address book.")
    @staticmethod
    async def is_default_billing_address(parents: list["Address"], context: Context) -> list[bool | None]:
        return [None if found is None else found[1] for found in await _defaults(parents, context)]


async def _defaults(addresses: list[Address], context: Context) -> list[tuple[bool, bool] | None]:
    rows = await context.rows(DEFAULTS_BY_ADDRESS, ids=sorted({address.pk for address in addresses}))
    found = {row["id"]: (bool(row["shipping"]), bool(row["billing"])) for row in rows}
    return [found.get(address.pk) for address in addresses]


@strawberry.input(description="A postal address as it is given. Blanks around a text are dropped.")
class AddressInput:
    first_name: str | None = strawberry.field(default=None, description="Given name.")
    last_name: str | None = strawberry.field(default=None, description="Family name.")
    company_name: str | None = strawberry.field(default=None, description="Company.")
    street_address_1: str | None = strawberry.field(default=None, description="Street and number.")
    street_address_2: str | None = strawberry.field(default=None, description="More about the place, such as a flat.")
    city: str | None = strawberry.field(default=None, description="Town or city.")
    city_area: str | None = strawberry.field(default=None, description="District.")
    postal_code: str | None = strawberry.field(default=None, description="Postal code.")
    country: CountryCode | None = strawberry.field(default=None, description="Country; always needed.")
    country_area: str | None = strawberry.field(default=None, description="State, province or region.")
    phone: str | None = strawberry.field(default=None, description="Phone number, best with its country's prefix.")
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Public metadata.")
    skip_validation: bool | None = strawberry.field(
        default=False, description="Take the address as it is. Only for staff that may handle everybody's addresses."
    )


def postal_address(given: AddressInput) -> PostalAddress:
    """The address by value, not checked yet. Raises: Invalid for its metadata."""
    texts = {name: getattr(given, name) or "" for name in TEXTS if name != "country"}
    country = given.country.value if given.country is not None else ""
    return PostalAddress(**texts, country=country, metadata=entries(given.metadata))
