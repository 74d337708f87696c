"""What staff says of something's attributes, read by the kind of each: choices, references, files, values of its own.

Saleor names a field for each kind of value; one that does not fit its attribute is refused rather than passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from shop.attributes.errors import InvalidValues

T = TypeVar("T")

_LONGEST_NAME: Final = 250
_LONGEST_OWN_NAME: Final = 100
_LONGEST_TEXT: Final = 100_000
_MOST_DIGITS: Final = 30


@dataclass(frozen=True, slots=True)
class Kind:
    """An attribute, as far as what it takes depends on it."""

    id: int
    name: str
    input_type: str
    entity_type: str | None = None
    value_required: bool = False
    external_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of an attribute's choices: by its key, its name in another system, or what it says.

    A text that none says yet is a new choice, with that name in the other system where both are given.
    """

    id: int | None = None
    external_reference: str | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """Something else that a value refers to."""

    entity_type: str
    id: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the shop's, by its path in the media folder."""

    path: str


@dataclass(frozen=True, slots=True)
class Own:
    """A value that one thing alone has: its name and its column."""

    name: str
    columns: Mapping[str, Any]


Wish = Choice | Reference | StoredFile | Own


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What something is to have of one attribute, which is named by its key or its name in another system.

    Without any value it has none any more. `rich_text` is stored as it is given, and called `rich_text_name`.
    """

    id: int | None = None
    external_reference: str | None = None
    values: Sequence[str] = ()
    dropdown: Choice | None = None
    swatch: Choice | None = None
    multiselect: Sequence[Choice] = ()
    numeric: str | None = None
    file: StoredFile | None = None
    reference: Reference | None = None
    references: Sequence[Reference] = ()
    rich_text: Mapping[str, Any] | None = None
    rich_text_name: str = ""
    plain_text: str | None = None
    boolean: bool | None = None
    day: date | None = None
    moment: datetime | None = None


# The fields that each kind reads; `values` has texts, as older clients send them.
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "DROPDOWN": ("dropdown", "values"),
    "SWATCH": ("swatch", "values"),
    "MULTISELECT": ("multiselect", "values"),
    "NUMERIC": ("numeric", "values"),
    "FILE": ("file",),
    "REFERENCE": ("references",),
    "SINGLE_REFERENCE": ("reference",),
    "RICH_TEXT": ("rich_text",),
    "PLAIN_TEXT": ("plain_text",),
    "BOOLEAN": ("boolean",),
    "DATE": ("day",),
    "DATE_TIME": ("moment",),
}
_API_NAMES: Final = {"rich_text": "richText", "plain_text": "plainText", "day": "date", "moment": "dateTime"}
_ALL: Final = tuple(dict.fromkeys(name for names in _FIELDS.values() for name in names))


def wishes(kind: Kind, given: Given) -> list[Wish]:
    """The values that are meant, in order; none where the attribute is emptied. Raises: InvalidValues."""
    field, *others = _FIELDS[kind.input_type]
    for name in _ALL:
        if name != field and name not in others and _is_said(getattr(given, name)):
            called = _API_NAMES.get(field, field)
            raise InvalidValues(f"{kind.name} takes `{called}`, not `{_API_NAMES.get(name, name)}`.", [kind.id])
    found = _read(kind, field, given)
    if not found and kind.value_required:
        raise InvalidValues(f"{kind.name} needs a value.", [kind.id], code="REQUIRED")
    return found


def moved(order: Sequence[int], moves: Sequence[tuple[int, int]]) -> list[int]:
    """The keys after each of the moves, (key, so many places on), one after the other. Raises: KeyError for others."""
    found = list(order)
    for key, places in moves:
        if key not in found:
            raise KeyError(key)
        at = found.index(key)
        found.insert(max(at + places, 0), found.pop(at))
    return found


def _is_said(value: Any) -> bool:
    return value is False or bool(value)


def _read(kind: Kind, field: str, given: Given) -> list[Wish]:
    if field in ("dropdown", "swatch", "multiselect"):
        return list(_choices(kind, field, given))
    if field in ("reference", "references"):
        return list(_references(kind, given.references if field == "references" else _one(given.reference)))
    if field == "file":
        return list(_one(given.file))
    return list(_one(_OWN[field](kind, given)))


def _one(value: T | None) -> list[T]:
    return [] if value is None else [value]


def _choices(kind: Kind, field: str, given: Given) -> Sequence[Choice]:
    named = given.multiselect if field == "multiselect" else _one(getattr(given, field))
    found = list(named or [Choice(value=text) for text in given.values])
    if len(found) > 1 and field != "multiselect":
        raise InvalidValues(f"{kind.name} takes one value.", [kind.id])
    for choice in found:
        if choice.id is not None and (choice.external_reference is not None or choice.value is not None):
            raise InvalidValues("A choice is named by its `id`, or by `externalReference` and `value`.", [kind.id])
        if choice.value is not None and not choice.value.strip():
            raise InvalidValues(f"A choice of {kind.name} cannot be blank.", [kind.id], code="REQUIRED")
        if choice.value is not None and len(choice.value) > _LONGEST_NAME:
            raise InvalidValues(f"At most {_LONGEST_NAME} characters fit a choice of {kind.name}.", [kind.id])
        if choice == Choice():
            raise InvalidValues(f"A choice of {kind.name} is not named.", [kind.id], code="REQUIRED")
    return _different(kind, found)


def _references(kind: Kind, found: Sequence[Reference]) -> Sequence[Reference]:
    if any(each.entity_type != kind.entity_type for each in found):
        raise InvalidValues(f"{kind.name} refers to something else: {kind.entity_type}.", [kind.id])
    return _different(kind, found)


def _different(kind: Kind, found: Sequence[T]) -> Sequence[T]:
    if len(set(found)) < len(found):
        raise InvalidValues(f"{kind.name} names a value twice.", [kind.id], code="DUPLICATED_INPUT_ITEM")
    return found


def _number(kind: Kind, given: Given) -> Own | None:
    if given.numeric is None and len(given.values) > 1:
        raise InvalidValues(f"{kind.name} takes one value.", [kind.id])
    text = (given.numeric if given.numeric is not None else "".join(given.values)).strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InvalidValues(f"{kind.name} takes a number.", [kind.id]) from None
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS or len(number.as_tuple().digits) > _MOST_DIGITS:
        raise InvalidValues(f"{kind.name} takes a number of at most {_MOST_DIGITS} digits.", [kind.id])
    return Own(f"{number:f}", {"number": number})


def _rich_text(kind: Kind, given: Given) -> Own | None:
    if not (given.rich_text or {}).get("blocks"):
        return None
    return Own(given.rich_text_name[:_LONGEST_OWN_NAME] or kind.name, {"rich_text": given.rich_text})


def _plain_text(kind: Kind, given: Given) -> Own | None:
    text = (given.plain_text or "").strip()
    if len(text) > _LONGEST_TEXT:
        raise InvalidValues(f"At most {_LONGEST_TEXT} characters fit {kind.name}.", [kind.id])
    return Own(text[:_LONGEST_OWN_NAME], {"plain_text": text}) if text else None


def _boolean(kind: Kind, given: Given) -> Own | None:
    if given.boolean is None:
        return None
    return Own(f"{kind.name}: {'Yes' if given.boolean else 'No'}", {"boolean": given.boolean})


def _day(_kind: Kind, given: Given) -> Own | None:
    # Days are kept as their midnight.
    day = given.day
    return None if day is None else Own(day.isoformat(), {"moment": datetime.combine(day, time(), UTC)})


def _moment(_kind: Kind, given: Given) -> Own | None:
    return None if given.moment is None else Own(given.moment.isoformat(), {"moment": given.moment})


_OWN: Final = {
    "numeric": _number,
    "rich_text": _rich_text,
    "plain_text": _plain_text,
    "boolean": _boolean,
    "day": _day,
    "moment": _moment,
}
