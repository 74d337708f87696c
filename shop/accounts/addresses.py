"""Postal addresses as people give them: what is missing or wrong; decided from values alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Final

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


def checked(address: PostalAddress, *, kind: str, required: bool = True, formats: bool = True) -> PostalAddress:
    """The address without blanks around its texts.

    `required`: it must be complete enough to send something there; `formats`: its texts must look right. A country is
    always needed. Raises: Many, each error on the address's own field, with `kind` (SHIPPING, BILLING) as its type.
    """
    clean = replace(address, **{name: getattr(address, name).strip() for name in TEXTS})
    errors: list[ShopError] = [
        _error("This field is required.", "REQUIRED", name, kind) for name in missing(clean, required=required)
    ]
    for name in TEXTS:
        limit = _LENGTHS.get(name, _LENGTH)
        if len(getattr(clean, name)) > limit:
            errors.append(_error(f"This field holds at most {limit} characters.", "INVALID", name, kind))
    if formats and clean.phone and len(clean.phone) <= _LENGTHS["phone"] and not _PHONE.fullmatch(clean.phone):
        errors.append(_error("This is not a phone number.", "INVALID", "phone", kind))
    if errors:
        raise Many(errors)
    return clean


def missing(address: PostalAddress, *, required: bool = True) -> list[str]:
    """The fields that are needed and empty."""
    needed = ["country"]
    if required:
        needed += ["street_address_1", "city"]
        if address.country not in _WITHOUT_POSTAL_CODE:
            needed.append("postal_code")
    return [name for name in needed if not getattr(address, name)]


def _error(message: str, code: str, name: str, kind: str) -> ShopError:
    first, *rest = name.split("_")
    camel = first + "".join(part.capitalize() for part in rest)
    return Invalid(message, code=code, field=camel, params={"address_type": kind})
