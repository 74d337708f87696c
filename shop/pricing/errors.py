"""What can be wrong with where something is sold and for how much, under Saleor's codes."""

from collections.abc import Iterable

from shop.kit import ids
from shop.kit.errors import Invalid


class InvalidListing(Invalid):
    """Something cannot be listed like this; `channels` says where."""

    def __init__(self, message: str, channel_ids: Iterable[int], *, field: str, code: str | None = None) -> None:
        named = [ids.encode("Channel", each) for each in sorted(set(channel_ids))]
        super().__init__(message, field=field, code=code, params={"channels": named})
