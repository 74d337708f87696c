"""What may be written of products and of how they are arranged."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from shop.kit.errors import Invalid, Many, ShopError
from shop.kit.slugs import is_slug

# Saleor's limits. Column: input field, and how long.
_LONGEST: Final = {
    "name": ("name", 250),
    "seo_title": ("seo", 70),
    "seo_description": ("seo", 300),
    "background_image_alt": ("backgroundImageAlt", 128),
    "external_reference": ("externalReference", 250),
    "sku": ("sku", 255),
}
_HEAVIEST_KG: Final = Decimal(1_000_000)


def checked(given: Mapping[str, Any], *, needs_name: bool = True) -> dict[str, Any]:
    """The columns as they may be stored, texts trimmed; a name and a slug that are given say something.

    Raises: Many of Invalid.
    """
    found: dict[str, Any] = {}
    errors: list[ShopError] = []
    for column, value in given.items():
        found[column] = value.strip() or None if isinstance(value, str) and column in _LONGEST else value
        field, longest = _LONGEST.get(column, ("", 0))
        if longest and len(found[column] or "") > longest:
            errors.append(Invalid(f"At most {longest} characters fit here.", field=field))
    if needs_name and "name" in found and not found["name"]:
        errors.append(Invalid("A name is needed.", field="name", code="REQUIRED"))
    if "slug" in found and not found["slug"]:
        errors.append(Invalid("A slug is needed.", field="slug", code="REQUIRED"))
    elif "slug" in found and not is_slug(found["slug"]):
        errors.append(Invalid("A slug is made of small letters, digits and single hyphens.", field="slug"))
    weight = found.get("weight_kg")
    if weight is not None and not 0 <= weight < _HEAVIEST_KG:
        errors.append(Invalid("A weight is zero or more kilograms, and less than a million.", field="weight"))
    limit = found.get("quantity_limit_per_customer")
    if limit is not None and limit < 1:
        errors.append(Invalid("An order may hold at least one.", field="quantityLimitPerCustomer"))
    if errors:
        raise Many(errors)
    # A text that is shown beside a picture is there, or empty.
    if "background_image_alt" in found:
        found["background_image_alt"] = found["background_image_alt"] or ""
    return found


def checked_new(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a new row, which needs a name; a slug that is empty is left out, to be made of it. Raises: Many."""
    return checked({"name": None, **{name: value for name, value in given.items() if name != "slug" or value}})


def repeated(keys: Iterable[int]) -> list[int]:
    """The keys that come more than once, each once."""
    return [key for key, times in Counter(keys).items() if times > 1]
