"""Postal addresses as people give them: what is missing or wrong; decided from values alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final

from shop.accounts.address_rules import AddressRules, choice, rules_for
from shop.kit.errors import Invalid, Many, ShopError

# Countries that have no postal codes in use. Source: Universal Postal Union, addressing systems by country.
_WITHOUT_POSTAL_CODE: Final = frozenset(
    [
        *("AE", "AG", "AO", "AW", "BF", "BI", "BJ", "BO", "BS", "BW", "BZ", "CD", "CF", "CG", "CI", "CK", "CM"),
        *("CW", "DJ", "DM", "ER", "FJ", "GA", "GD", "GH", "GM", "GQ", "GY", "HK", "JM", "KI", "KM", "KN", "KP"),
        *("LC", "LY", "ML", "MO", "MR", "MW", "NR", "NU", "QA", "RW", "SB", "SC", "SL", "SR", "ST", "SX", "SY"),
        *("TD", "TF", "TG", "TK", "TL", "TO", "TV", "UG", "VU", "YE", "ZW", "IE", "PA", "TT"),
    ]
)
_LENGTHS: Final = {"postal_code": 20, "phone": 32}
_LENGTH: Final = 256
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()./-]{3,}")


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address by value. Shapes: `country` is an ISO 3166-1 alpha-2 code, or empty where none was given."""

    first_name: str = ""
    last_name: str = ""
    company_name: str = ""
    street_address_1: str = ""
    street_address_2: str = ""
    city: str = ""
    city_area: str = ""
    postal_code: str = ""
    country: str = ""
    country_area: str = ""
    phone: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


TEXTS: Final = tuple(one.name for one in fields(PostalAddress) if one.name != "metadata")


def checked(address: PostalAddress, *, kind: str | None, required: bool = True, formats: bool = True) -> PostalAddress:
    """The address without blanks around its texts.

    `required`: it must be complete enough to send something there; `formats`: its texts must look right. A country is
    always needed. Raises: Many, each error on the address's own field, with `kind` (SHIPPING, BILLING) as its type.
    """
    clean = _stripped(address)
    if errors := _errors(clean, kind, required=required, formats=formats):
        raise Many(errors)
    return clean


def _stripped(address: PostalAddress) -> PostalAddress:
    return replace(address, **{name: getattr(address, name).strip() for name in TEXTS})


def _errors(clean: PostalAddress, kind: str | None, *, required: bool, formats: bool) -> list[ShopError]:
    """What is wrong in any country."""
    errors: list[ShopError] = [
        _error("This field is required.", "REQUIRED", name, kind) for name in missing(clean, required=required)
    ]
    for name in TEXTS:
        limit = _LENGTHS.get(name, _LENGTH)
        if len(getattr(clean, name)) > limit:
            errors.append(_error(f"This field holds at most {limit} characters.", "INVALID", name, kind))
    if formats and clean.phone and len(clean.phone) <= _LENGTHS["phone"] and not _PHONE.fullmatch(clean.phone):
        errors.append(_error("This is not a phone number.", "INVALID", "phone", kind))
    return errors


def missing(address: PostalAddress, *, required: bool = True) -> list[str]:
    """The fields that are needed and empty."""
    needed = ["country"]
    if required:
        needed += ["street_address_1", "city"]
        if address.country not in _WITHOUT_POSTAL_CODE:
            needed.append("postal_code")
    return [name for name in needed if not getattr(address, name)]


def complete(
    address: PostalAddress,
    *,
    kind: str | None = None,
    required: bool = True,
    formats: bool = True,
    normalized: bool = True,
) -> PostalAddress:
    """The address as its country wants it: choices by their stored names, capitals where the post asks for them, and
    nothing in fields that the country does not use.

    `required`: what the country needs must be there; `formats`: texts must look right; not `normalized`: texts stay as
    they were typed. Raises: Many, each error on the address's own field, with `kind` (SHIPPING, BILLING) as its type.
    """
    clean = _stripped(address)
    errors = _errors(clean, kind, required=False, formats=formats)
    if not clean.country:
        raise Many(errors)
    ignored = {code for code, wanted in (("REQUIRED", required), ("INVALID", formats)) if not wanted}
    rules = rules_for(clean.country, clean.country_area, clean.city, clean.city_area)
    wrong = {error.field for error in errors}
    texts: dict[str, Any] = {}
    for name, rule in _BY_RULE.items():
        value, problem = _as_ruled(rules, rule, getattr(clean, name))
        texts[name] = value
        if problem is not None and problem not in ignored and _camel(name) not in wrong:
            errors.append(_error(_PROBLEMS[problem], problem, name, kind))
    if errors:
        raise Many(errors)
    if "street_address" in rules.upper_fields:
        texts["street_address_2"] = clean.street_address_2.upper()
    return replace(clean, **texts) if normalized else clean


def field_name(rule: str) -> str:
    """The address's field, in camel case, for a rule's name. Shapes: `street_address` is the first of its two lines."""
    return _camel("street_address_1" if rule == "street_address" else rule)


_BY_RULE: Final = {
    "country_area": "country_area",
    "city": "city",
    "city_area": "city_area",
    "postal_code": "postal_code",
    "street_address_1": "street_address",
}
_PROBLEMS: Final = {"REQUIRED": "This field is required.", "INVALID": "This value is not valid for the address."}


def _as_ruled(rules: AddressRules, rule: str, value: str) -> tuple[str, str | None]:
    """The value to store, and the code of what is wrong with it."""
    if rule not in rules.allowed_fields:
        return "", None
    if rule in rules.upper_fields:
        value = value.upper()
    if not value:
        return "", "REQUIRED" if rule in rules.required_fields else None
    if rule == "postal_code":
        return value, None if all(re.match(one, value) for one in rules.postal_code_matchers) else "INVALID"
    choices = rules.choices(rule) if rule in {"country_area", "city", "city_area"} else ()
    if choices:
        stored = choice(value, choices)
        return (value, "INVALID") if stored is None else (stored, None)
    return value, None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _error(message: str, code: str, name: str, kind: str | None) -> ShopError:
    return Invalid(message, code=code, field=_camel(name), params={} if kind is None else {"address_type": kind})
