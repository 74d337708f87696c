"""Stored documents through today's sanitiser, wherever in a stored value they are."""

from typing import Any

from shop.content.rules.document import sanitised


def cleaned(value: Any) -> Any:
    """The value with each document in it as it would be stored today; what is no document stays as it is.

    A document is whatever has a list of `blocks`: a column may be one, or hold some, as revisions and drafts do.
    """
    if isinstance(value, dict):
        if isinstance(value.get("blocks"), list):
            return sanitised(value)
        return {name: cleaned(part) for name, part in value.items()}
    if isinstance(value, list):
        return [cleaned(part) for part in value]
    return value
