"""What pricing tells."""

from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class PricesChanged(Event):
    """Prices, or what is sold, of these products have changed; their listings are locked."""

    product_ids: tuple[int, ...]
