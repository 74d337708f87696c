"""Names, slugs and time zones of what staff sets up."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from shop.booking.models import Location, Resource
from shop.booking.rules import zone
from shop.kit.errors import Invalid

_SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_LONGEST_NAME: Final = 250

Named = type[Location | Resource]


async def checked_names(
    session: AsyncSession, model: Named, values: Mapping[str, Any], *, but: int | None = None
) -> dict[str, Any]:
    """The values without spaces around them; nothing but the row `but` has the slug. Raises: Invalid (REQUIRED,
    INVALID, UNIQUE), UnknownTimezone.
    """
    checked = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    if len(checked.get("name") or "") > _LONGEST_NAME:
        raise Invalid(f"A name holds at most {_LONGEST_NAME} characters.", field="name")
    if "name" in checked and not checked["name"]:
        raise Invalid("A name is needed.", field="name", code="REQUIRED")
    if checked.get("timezone"):
        zone(checked["timezone"])
    if slug := checked.get("slug"):
        if not _SLUG.fullmatch(slug):
            raise Invalid("A slug has small letters, digits and single hyphens.", field="slug")
        same = select(model.id).where(model.slug == slug, model.id.is_distinct_from(but))
        if (await session.execute(same)).first() is not None:
            raise Invalid("The slug is taken.", field="slug", code="UNIQUE")
    return checked


async def named(session: AsyncSession, model: Named, values: Mapping[str, Any], *, otherwise: str) -> dict[str, Any]:
    """The values of a new row, with a slug: made of the name, or of `otherwise`. Raises: as `checked_names`."""
    checked = await checked_names(session, model, values)
    if not checked.get("name"):
        raise Invalid("A name is needed.", field="name", code="REQUIRED")
    if not checked.get("timezone"):
        raise Invalid("A time zone is needed.", field="timezone", code="REQUIRED")
    checked["slug"] = checked.get("slug") or await _free_slug(session, model, checked["name"], otherwise)
    return checked


async def _free_slug(session: AsyncSession, model: Named, name: str, otherwise: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or otherwise
    taken = set((await session.execute(select(model.slug).where(model.slug.startswith(base)))).scalars())
    number = 1
    slug = base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
