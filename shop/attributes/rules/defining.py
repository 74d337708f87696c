"""What an attribute may be, and which choices it may offer."""

import re
from collections.abc import Mapping
from typing import Any, Final

from shop.attributes.rules import REFERENCES
from shop.kit.errors import Invalid, Many, ShopError
from shop.kit.slugs import is_slug

_LONGEST_NAME: Final = 250
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of an attribute as they may be stored; a given name and a given slug say something. Raises: Many."""
    found = dict(given)
    errors: list[ShopError] = []
    if "name" in found:
        found["name"] = (found["name"] or "").strip()
        errors += _of_name(found["name"])
    if "slug" in found and not found["slug"]:
        errors.append(Invalid("A slug is needed.", field="slug", code="REQUIRED"))
    elif "slug" in found and not is_slug(found["slug"]):
        errors.append(Invalid("A slug is made of small letters, digits and single hyphens.", field="slug"))
    if errors:
        raise Many(errors)
    return found


def check_whole(attribute: Mapping[str, Any]) -> None:
    """What it is fits together: references have something to refer to, numbers alone a unit. Raises: Many."""
    errors: list[ShopError] = []
    refers = attribute["input_type"] in REFERENCES
    if refers and not attribute.get("entity_type"):
        errors.append(Invalid("A reference needs something to refer to.", field="entityType", code="REQUIRED"))
    if not refers and attribute.get("entity_type"):
        errors.append(Invalid("Only references refer to something.", field="entityType"))
    if attribute.get("unit") and attribute["input_type"] != "NUMERIC":
        errors.append(Invalid("Only numbers have a unit.", field="unit"))
    if errors:
        raise Many(errors)


def checked_choice(given: Mapping[str, Any], input_type: str) -> dict[str, Any]:
    """The columns of a choice as they may be stored. Raises: Many."""
    found = dict(given)
    errors: list[ShopError] = []
    if "name" in found:
        found["name"] = (found["name"] or "").strip()
        errors += _of_name(found["name"])
    colour = found.get("value") or ""
    if colour and input_type != "SWATCH":
        errors.append(Invalid("Only a swatch has a colour.", field="value"))
    elif colour and not _COLOUR.fullmatch(colour):
        errors.append(Invalid("A colour is written as #RRGGBB.", field="value"))
    if "value" in found:
        found["value"] = colour
    if errors:
        raise Many(errors)
    return found


def _of_name(name: str) -> list[ShopError]:
    if not name:
        return [Invalid("A name is needed.", field="name", code="REQUIRED")]
    if len(name) > _LONGEST_NAME:
        return [Invalid(f"At most {_LONGEST_NAME} characters fit here.", field="name")]
    return []
