"""What can be wrong with products and how they are arranged, under Saleor's codes."""

from collections.abc import Iterable

from shop.kit import ids
from shop.kit.errors import Conflict, Invalid, NotFound


class CategoryNotFound(NotFound):
    """There is no such category."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such category.", field=field)


class CollectionNotFound(NotFound):
    """There is no such collection."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such collection.", field=field)


class ProductsNotFound(NotFound):
    """Some of these products are not there; `products` says which."""

    def __init__(self, product_ids: Iterable[int], *, field: str = "products") -> None:
        named = [ids.encode("Product", each) for each in sorted(product_ids)]
        super().__init__("There are no such products.", field=field, params={"products": named})


class ChannelsNotFound(NotFound):
    """Some of these channels are not there; `channels` says which."""

    def __init__(self, channel_ids: Iterable[int], *, field: str) -> None:
        named = [ids.encode("Channel", each) for each in sorted(channel_ids)]
        super().__init__("There are no such channels.", field=field, params={"channels": named})


class NamedTwice(Invalid):
    """The same channels are named twice, or are to be added and removed at once; `channels` says which."""

    code = "DUPLICATED_INPUT_ITEM"

    def __init__(self, channel_ids: Iterable[int], *, field: str) -> None:
        named = [ids.encode("Channel", each) for each in sorted(channel_ids)]
        super().__init__("A channel is named once.", field=field, params={"channels": named})


class ProductTypeNotFound(NotFound):
    """There is no such product type."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such product type.", field=field)


class TaxClassNotFound(NotFound):
    """There is no such tax class."""

    def __init__(self) -> None:
        super().__init__("There is no such tax class.", field="taxClass")


class InvalidAttributes(Invalid):
    """A product type cannot have, or lose, these attributes; `attributes` says which."""

    def __init__(self, message: str, attribute_ids: Iterable[int], *, field: str, code: str) -> None:
        named = [ids.encode("Attribute", each) for each in sorted(attribute_ids)]
        super().__init__(message, field=field, code=code, params={"attributes": named})


class ProductNotFound(NotFound):
    """There is no such product."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such product.", field=field)


class VariantNotFound(NotFound):
    """There is no such variant."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such variant.", field=field)


class CollectionsNotFound(NotFound):
    """Some of these collections are not there."""

    def __init__(self) -> None:
        super().__init__("There are no such collections.", field="collections")


class NotOfTheProduct(Invalid):
    """These are variants of another product; `variants` says which."""

    code = "NOT_PRODUCTS_VARIANT"

    def __init__(self, variant_ids: Iterable[int], *, field: str) -> None:
        named = [ids.encode("ProductVariant", each) for each in sorted(variant_ids)]
        super().__init__("The product has no such variant.", field=field, params={"variants": named})


class SameChoice(Conflict):
    """Another variant of the product has the same values of what shoppers choose variants by."""

    code = "DUPLICATED_INPUT_ITEM"

    def __init__(self, attribute_ids: Iterable[int]) -> None:
        named = [ids.encode("Attribute", each) for each in sorted(attribute_ids)]
        message = "Another variant has the same values: shoppers could not tell which they choose."
        super().__init__(message, field="attributes", params={"attributes": named})


class StillNeeded(Conflict):
    """Something cannot be deleted; the message says who needs it."""

    def __init__(self, why: str) -> None:
        super().__init__(why, field="id")
