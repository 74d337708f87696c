"""What can be translated: the kinds of row, and the fields of each."""

from typing import Final

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
