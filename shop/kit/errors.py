"""The one tree of expected errors. Actions raise them; `api.core.errors` alone turns them into GraphQL errors.

`code` is a name of Saleor's error enum of the mutation at hand, `field` the camelCase input field or None.
"""

from collections.abc import Mapping
from typing import Any


class ShopError(Exception):
    """An error that a caller can act on; everything else is a bug and is masked."""

    code: str = "INVALID"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        code: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if code is not None:
            self.code = code
        self.params: Mapping[str, Any] = params or {}


class Invalid(ShopError):
    """The input cannot be accepted as it is."""

    code = "INVALID"


class NotFound(ShopError):
    """There is no such thing, or it is not the caller's: the same answer for both."""

    code = "NOT_FOUND"


class Conflict(ShopError):
    """The state does not allow it (any more)."""

    code = "INVALID"


class Taken(Conflict):
    """Another row has what no two rows share: a slug, an article number, a name in another system."""

    code = "UNIQUE"

    def __init__(self, field: str) -> None:
        super().__init__(f"Another one has this `{field}`.", field=field)


class Denied(ShopError):
    """The caller lacks a permission; GraphQL answers with a top-level error."""

    code = "PERMISSION_DENIED"


class Unavailable(ShopError):
    """Something that we depend on does not answer; trying again later may help."""

    code = "UNAVAILABLE"


class Many(ShopError):
    """Several errors of one input, reported together."""

    def __init__(self, errors: list[ShopError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors
