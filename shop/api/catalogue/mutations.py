"""The mutations of the catalogue under one name, for the schema."""

import strawberry

from shop.api.catalogue.category_mutations import CategoryMutations
from shop.api.catalogue.collection_mutations import CollectionMutations
from shop.api.catalogue.product_mutations import ProductMutations
from shop.api.catalogue.product_type_mutations import ProductTypeMutations


@strawberry.type
class CatalogueMutations(CategoryMutations, CollectionMutations, ProductTypeMutations, ProductMutations):
    """Mutations of the catalogue."""
