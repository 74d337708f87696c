"""What changes attributes, and what things say of them."""

from shop.attributes.actions.giving import (
    OF_PAGES,
    OF_PRODUCTS,
    OF_VARIANTS,
    Links,
    drop_unused,
    give,
    give_again,
    own_values,
    reorder_values,
    settle,
)

__all__ = [
    "OF_PAGES",
    "OF_PRODUCTS",
    "OF_VARIANTS",
    "Links",
    "drop_unused",
    "give",
    "give_again",
    "own_values",
    "reorder_values",
    "settle",
]
