"""Reads translations for the fields `translation(languageCode:)`, and rows by their slug in a language."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from shop.api.core.context import Context
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum, LanguageDisplay
from shop.translations import queries, rules

T = TypeVar("T")


Found = dict[int, tuple[int, dict[str, Any]] | None]


def _seen() -> dict[tuple[str, LanguageCodeEnum], Found]:
    """What a request has read so far, None for what is not translated: a page asks for its product's name twice."""
    return {}


async def texts(
    context: Context, kind: str, ids: Sequence[int], language: LanguageCodeEnum
) -> dict[int, tuple[int, dict[str, Any]]]:
    """The translations of the rows by their ids: each with its own id, and its fields.

    One statement, and none for rows that the request has asked for before.
    """
    found = context.remember(_seen).setdefault((kind, language), {})
    wanted = set(ids)
    if missing := sorted(wanted - found.keys()):
        rows = await context.rows(queries.TRANSLATIONS, kind=kind, language=language.value, ids=missing)
        found.update(dict.fromkeys(missing))
        found.update((row["row_id"], (row["pk"], rules.values(kind, row["slug"], row["texts"]))) for row in rows)
    return {row_id: text for row_id in wanted if (text := found[row_id]) is not None}


async def translated(
    context: Context, into: type[T], kind: str, ids: Sequence[int], language: LanguageCodeEnum
) -> list[T | None]:
    """The translations in the order of the rows' ids, None for those without.

    `into` has the fields `id`, `language` and the kind's.
    One statement at most.
    """
    found = await texts(context, kind, ids, language)
    make: Callable[..., T] = into
    shared = LanguageDisplay(code=language)
    made = {
        row_id: make(id=global_id(into.__name__, pk), language=shared, **values)
        for row_id, (pk, values) in found.items()
    }
    return [made.get(row_id) for row_id in ids]


async def id_by_slug(context: Context, kind: str, slug: str, language: LanguageCodeEnum) -> int | None:
    """The id of the row that has the slug in that language; the slug of the shop's own language is not asked for."""
    rows = await context.rows(queries.ROW_BY_SLUG, kind=kind, language=language.value, slug=slug)
    return rows[0]["row_id"] if rows else None


async def in_language(
    context: Context, kind: str, type_name: str, key: tuple[str, str], language: LanguageCodeEnum | None
) -> tuple[str, str] | None:
    """The argument that finds a row: a slug of a language becomes the row's ID; None where no row has it."""
    name, value = key
    if name != "slug" or language is None:
        return key
    found = await id_by_slug(context, kind, value, language)
    return None if found is None else ("id", global_id(type_name, found))
