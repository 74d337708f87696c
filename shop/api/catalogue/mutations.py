"""The mutations of the catalogue under one name, for the schema."""

import strawberry

from shop.api.catalogue.category_mutations import CategoryMutations
from shop.api.catalogue.collection_mutations import CollectionMutations
from shop.api.catalogue.product_mutations import ProductMutations
from shop.api.catalogue.product_type_mutations import ProductTypeMutations
from shop.api.catalogue.variant_bulk import VariantBulkMutations
from shop.api.catalogue.variant_mutations import VariantMutations
from shop.api.catalogue.variant_selling import VariantSellingMutations


@strawberry.type
class CatalogueMutations(
    CategoryMutations,
    CollectionMutations,
    ProductTypeMutations,
    ProductMutations,
    VariantMutations,
    VariantBulkMutations,
    VariantSellingMutations,
):
    """Mutations of the catalogue."""
