"""What can be translated: the kinds of row, and the fields of each."""

from collections.abc import Mapping
from typing import Any, Final

_SEO: Final = ("seo_title", "seo_description")
# Kind → its fields. Those that are called `description`, `content` or `rich_text` hold EditorJS blocks.
FIELDS: Final = {
    "product": ("name", "description", *_SEO),
    "variant": ("name",),
    "category": ("name", "description", *_SEO),
    "collection": ("name", "description", *_SEO),
    "page": ("title", "content", *_SEO),
    "menu_item": ("name",),
    "attribute": ("name",),
    "attribute_value": ("name", "rich_text", "plain_text"),
    "shipping_method": ("name", "description"),
}
KINDS: Final = tuple(FIELDS)
# Those that have a name in addresses, which may differ by language.
WITH_SLUG: Final = frozenset({"product", "category", "collection", "page"})
# Those whose name is never null in the API.
_ALWAYS_NAMED: Final = frozenset({"variant", "menu_item", "attribute", "attribute_value"})


def values(kind: str, slug: str | None, texts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a translation of that kind; what is not translated is None, or empty where it cannot be."""
    found = {name: texts.get(name) for name in FIELDS[kind]}
    if kind in _ALWAYS_NAMED:
        found["name"] = found["name"] or ""
    if kind in WITH_SLUG:
        found["slug"] = slug
    return found
