"""Categories, tags and the like of other systems: choices of attributes that the page's type has here."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.attributes.actions import OF_PAGES, give
from shop.attributes.models import Attribute, OfPageType
from shop.attributes.rules.given import Choice, Given, Kind
from shop.kit.slugs import slugified

_KIND = "MULTISELECT"


async def give_terms(
    session: AsyncSession, page_id: int, page_type_id: int, terms: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """The page says of itself what the terms say, by attributes of their names that its type has from now on.

    Told is what an attribute here leaves no room for: one of products, or of another kind.
    Locks: the caller holds the page's row.
    """
    notes = []
    for name, values in terms.items():
        slug = slugified(name)
        made = insert(Attribute).values(slug=slug, name=name.capitalize(), type="PAGE_TYPE", input_type=_KIND)
        await session.execute(made.on_conflict_do_nothing(index_elements=["slug"]))
        found = await session.execute(
            select(Attribute.id, Attribute.name, Attribute.type, Attribute.input_type).where(Attribute.slug == slug)
        )
        attribute = found.one()
        if (attribute.type, attribute.input_type) != ("PAGE_TYPE", _KIND):
            notes.append(f"the attribute {slug} is no choice of several for pages; {name} are kept as metadata alone")
            continue
        of_type = insert(OfPageType).values(page_type_id=page_type_id, attribute_id=attribute.id)
        await session.execute(of_type.on_conflict_do_nothing())
        kind = Kind(attribute.id, attribute.name, _KIND)
        given = Given(id=attribute.id, multiselect=[Choice(value=value) for value in values])
        await give(session, OF_PAGES, page_id, [kind], [given], is_new=False)
    return tuple(notes)
