"""Values that are kept aside, shown as if they were stored."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from zlib import crc32

from shop.api.attributes.types import AttributeValue
from shop.api.core.context import Context
from shop.attributes import queries
from shop.attributes.rules import ENTITIES
from shop.attributes.rules.given import Choice, Own
from shop.attributes.rules.keeping import Kept

# An owner's key, and its values by the keys of their attributes.
Aside = tuple[int, Mapping[int, Kept]]
_COLUMNS: Final = ("plain_text", "boolean", "number", "moment")


async def values_aside(context: Context, owners: Sequence[Aside]) -> list[dict[int, list[AttributeValue]]]:
    """The values of each owner by attribute. Choices that are gone are left out; two statements at most."""
    kept = [value for _, said in owners for each in said.values() for value in each.values]
    choices = sorted({each.id for each in kept if isinstance(each, Choice) and each.id is not None})
    files = sorted({each.columns["asset_id"] for each in kept if isinstance(each, Own) and "asset_id" in each.columns})
    found = await context.fetch(AttributeValue, queries.VALUES_BY_ID, ids=choices) if choices else []
    assets = await context.rows(queries.ASSETS_BY_ID, ids=files) if files else []
    known = {value.pk: value for value in found}
    stored = {row["id"]: row for row in assets}
    return [
        {
            attribute_id: [
                value
                for place, one in enumerate(each.values)
                if (value := _value(owner_id, attribute_id, place, one, known, stored)) is not None
            ]
            for attribute_id, each in said.items()
        }
        for owner_id, said in owners
    ]


def _value(
    owner_id: int,
    attribute_id: int,
    place: int,
    kept: Choice | Own,
    known: Mapping[int, AttributeValue],
    stored: Mapping[int, Any],
) -> AttributeValue | None:
    if isinstance(kept, Choice) and kept.id is not None:
        return known.get(kept.id)
    columns = kept.columns if isinstance(kept, Own) else {}
    asset = stored.get(columns.get("asset_id", 0), {})
    return AttributeValue(
        # There is no row yet: a number that no row has, the same each time.
        pk=-(crc32(f"{owner_id} {attribute_id} {place}".encode()) >> 1) - 1,
        attribute_id=attribute_id,
        owner_id=owner_id,
        name=kept.value if isinstance(kept, Choice) else kept.name,
        slug=None,
        value="",
        text_blocks=columns.get("rich_text"),
        reference_id=next((columns[name] for name in ENTITIES.values() if name in columns), None),
        asset_path=asset.get("path"),
        mime_type=asset.get("mime_type"),
        external_reference=kept.external_reference if isinstance(kept, Choice) else None,
        **{name: columns.get(name) for name in _COLUMNS},
    )
