"""Root queries about attributes."""

from typing import Annotated

import strawberry
from graphql import GraphQLError

from shop.api.attributes.lists import (
    AttributeArguments,
    AttributeCountableConnection,
    AttributeFilterInput,
    AttributeSortingInput,
    AttributeWhereInput,
    attribute_by,
    attributes_of_shop,
)
from shop.api.attributes.types import Attribute
from shop.api.catalogue.lists import Paging
from shop.api.core.context import Info
from shop.api.core.fields import query
from shop.execution import Selection


@strawberry.type
class AttributeQueries:
    """Queries about what describes products and pages."""

    @query(
        description="An attribute by its ID, slug or external reference; null when there is none that the caller sees."
    )
    async def attribute(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        slug: str | None = None,
        external_reference: str | None = None,
    ) -> Attribute | None:
        given = [
            (name, value)
            for name, value in (("id", id), ("slug", slug), ("externalReference", external_reference))
            if value is not None
        ]
        if len(given) != 1:
            raise GraphQLError("Exactly one of the arguments `id`, `slug`, `externalReference` is required.")
        return await attribute_by(info.context, *given[0])

    @query(
        description="Attributes by name: what storefronts show; all of them for staff who work with attributes or with "
        "what has them."
    )
    async def attributes(
        self,
        info: Info,
        filter: Annotated[
            AttributeFilterInput | None,
            strawberry.argument(description="Which attributes to list.", deprecation_reason="Use `where`."),
        ] = None,
        where: AttributeWhereInput | None = None,
        search: str | None = None,
        sort_by: AttributeSortingInput | None = None,
        channel: Annotated[
            str | None,
            strawberry.argument(description="Where products must be shown that `inCategory` and `inCollection` mean."),
        ] = None,
        before: str | None = None,
        after: str | None = None,
        first: int | None = None,
        last: int | None = None,
    ) -> AttributeCountableConnection | None:
        made: AttributeCountableConnection = await attributes_of_shop(
            info.context,
            AttributeArguments(filter, where, search),
            sort_by,
            channel,
            Paging("attributes", first, after, last, before),
            Selection.below(info),
        )
        return made
