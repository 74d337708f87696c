"""What an address form of a country must look like, as storefronts read it before they draw one."""

from collections.abc import Iterable

import strawberry

from shop.accounts.address_rules import AddressRules, Choices, rules_for
from shop.accounts.addresses import field_name


@strawberry.type(description="One choice of a field.")
class ChoiceValue:
    raw: str | None = strawberry.field(description="What is stored.")
    verbose: str | None = strawberry.field(description="What people read.")


@strawberry.type(description="What an address needs in a country. Field names are those of the `Address` type.")
class AddressValidationData:
    country_code: str = strawberry.field(description="ISO 3166-1 alpha-2 code.")
    country_name: str = strawberry.field(description="The country's name as it stands on letters, or empty.")
    address_format: str = strawberry.field(description="Where each part stands, in Google's notation of addresses.")
    address_latin_format: str = strawberry.field(description="The same for an address in Latin letters.")
    allowed_fields: list[str] = strawberry.field(
        description="The fields that the country uses, in its order; `name` stands for first and last name."
    )
    required_fields: list[str] = strawberry.field(description="The fields that may not be empty.")
    upper_fields: list[str] = strawberry.field(description="The fields that are written in capitals.")
    country_area_type: str = strawberry.field(description="What the country calls its areas, such as `state`.")
    country_area_choices: list[ChoiceValue] = strawberry.field(description="The areas, or empty for any text.")
    city_type: str = strawberry.field(description="What the country calls its places, such as `city`.")
    city_choices: list[ChoiceValue] = strawberry.field(description="The places of the area, or empty for any text.")
    city_area_type: str = strawberry.field(description="What the country calls parts of a place, such as `suburb`.")
    city_area_choices: list[ChoiceValue] = strawberry.field(description="The parts, or empty for any text.")
    postal_code_type: str = strawberry.field(description="What the country calls postal codes, such as `zip`.")
    postal_code_matchers: list[str] = strawberry.field(
        description="Regular expressions; a postal code must match every one of them."
    )
    postal_code_examples: list[str] = strawberry.field(description="Postal codes that look right.")
    postal_code_prefix: str = strawberry.field(description="What stands before every postal code, or empty.")


def validation_data(country: str, country_area: str, city: str, city_area: str) -> AddressValidationData:
    """The rules of the place, in the API's words."""
    rules: AddressRules = rules_for(country, country_area, city, city_area)
    return AddressValidationData(
        country_code=rules.country_code,
        country_name=rules.country_name,
        address_format=rules.address_format,
        address_latin_format=rules.address_latin_format,
        allowed_fields=_names(rules.allowed_fields, second_line=True),
        required_fields=_names(rules.required_fields),
        upper_fields=_names(rules.upper_fields, second_line=True),
        country_area_type=rules.country_area_type,
        country_area_choices=_choices(rules.country_area_choices),
        city_type=rules.city_type,
        city_choices=_choices(rules.city_choices),
        city_area_type=rules.city_area_type,
        city_area_choices=_choices(rules.city_area_choices),
        postal_code_type=rules.postal_code_type,
        postal_code_matchers=list(rules.postal_code_matchers),
        postal_code_examples=list(rules.postal_code_examples),
        postal_code_prefix=rules.postal_code_prefix,
    )


def _names(rules: Iterable[str], *, second_line: bool = False) -> list[str]:
    names: list[str] = []
    for rule in rules:
        names.append(field_name(rule))
        if second_line and rule == "street_address":
            names.append("streetAddress2")
    return names


def _choices(pairs: Choices) -> list[ChoiceValue]:
    return [ChoiceValue(raw=raw, verbose=verbose) for raw, verbose in pairs]
