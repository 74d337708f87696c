"""What can be wrong with the attribute values that something is given. The code is Saleor's, the field `attributes`."""

from collections.abc import Iterable

from shop.kit import ids
from shop.kit.errors import Invalid, NotFound


class InvalidValues(Invalid):
    """Values cannot be what was given; `attribute_ids`: of which attributes."""

    def __init__(self, message: str, attribute_ids: Iterable[int] = (), *, code: str | None = None) -> None:
        named = [ids.encode("Attribute", each) for each in attribute_ids]
        super().__init__(message, field="attributes", code=code, params={"attributes": named} if named else None)


class AttributeNotFound(NotFound):
    """There is no such attribute."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such attribute.", field=field)


class ValueNotFound(NotFound):
    """There is no such value."""

    def __init__(self, *, field: str = "id") -> None:
        super().__init__("There is no such value.", field=field)
