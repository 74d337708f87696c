"""The types of the catalogue under one name, for whoever refers to them."""

from shop.api.catalogue.categories import Category, CategoryCountableConnection
from shop.api.catalogue.collections import Collection, CollectionCountableConnection
from shop.api.catalogue.media import ProductMedia
from shop.api.catalogue.product_types import ProductType
from shop.api.catalogue.products import Product, ProductCountableConnection
from shop.api.catalogue.variants import ProductVariant, ProductVariantCountableConnection

__all__ = [
    "Category",
    "CategoryCountableConnection",
    "Collection",
    "CollectionCountableConnection",
    "Product",
    "ProductCountableConnection",
    "ProductMedia",
    "ProductType",
    "ProductVariant",
    "ProductVariantCountableConnection",
]
