"""What the catalogue tells."""

from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class ProductsChanged(Event):
    """These products have other variants, or stand in another category or in other collections."""

    product_ids: tuple[int, ...]
