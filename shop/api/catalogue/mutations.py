"""The mutations of the catalogue under one name, for the schema."""

import strawberry

from shop.api.catalogue.category_mutations import CategoryMutations
from shop.api.catalogue.collection_mutations import CollectionMutations


@strawberry.type
class CatalogueMutations(CategoryMutations, CollectionMutations):
    """Mutations of the catalogue."""
