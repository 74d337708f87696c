"""Lists of attributes and of the values that can be chosen: what they are filtered and sorted by."""

from typing import Any, Final

from sqlalchemy import ARRAY, Boolean, ColumnElement, Integer, Select, Text, and_, any_, exists, func, not_, or_
from sqlalchemy.dialects.postgresql import JSONB, array

from shop.attributes.models import Attribute, OfPageType, OfProductType, Value
from shop.attributes.queries import ATTRIBUTE_COLUMNS, VALUE_COLUMNS
from shop.attributes.rules import WITH_CHOICES
from shop.browse.criteria import Criterion
from shop.browse.listing import Listing
from shop.kit.pagination import PARENTS
from shop.media.models import Asset

_ids = ARRAY(Integer)
_texts = ARRAY(Text)


def _named_like(*columns: Any) -> Criterion:
    """Part of one of the texts, in any case."""
    return Criterion(
        Text(), lambda value: or_(*(func.strpos(func.lower(column), func.lower(value)) > 0 for column in columns))
    )


def _assigned(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(OfProductType.attribute_id == Attribute.id, *conditions).correlate(Attribute)


_WITH_CHOICES: Final = Attribute.input_type == any_(array(sorted(WITH_CHOICES)))
_ONLY_VARIANTS: Final = and_(
    _assigned(OfProductType.of_variants.is_(True)), not_(_assigned(OfProductType.of_variants.is_(False)))
)


def _see_attributes(statement: Select[Any], everything: bool) -> Select[Any]:
    """Storefronts are shown what the owner lets them see."""
    return statement if everything else statement.where(Attribute.visible_in_storefront)


def _free_for_products(statement: Select[Any]) -> Select[Any]:
    """Attributes of products that neither the products of the type nor their variants have yet."""
    return statement.where(Attribute.type == "PRODUCT_TYPE", ~_assigned(OfProductType.product_type_id == PARENTS.c.id))


def _free_for_pages(statement: Select[Any]) -> Select[Any]:
    """Attributes of pages that the type does not have yet."""
    has = exists().where(OfPageType.attribute_id == Attribute.id, OfPageType.page_type_id == PARENTS.c.id)
    return statement.where(Attribute.type == "PAGE_TYPE", ~has.correlate(Attribute, PARENTS))


ATTRIBUTE_LIST: Final = Listing(
    entity=Attribute,
    columns=ATTRIBUTE_COLUMNS,
    criteria={
        "ids": Criterion(_ids, lambda value: Attribute.id == any_(value)),
        "slugs": Criterion(_texts, lambda value: Attribute.slug == any_(value)),
        "names": Criterion(_texts, lambda value: Attribute.name == any_(value)),
        "external_references": Criterion(_texts, lambda value: Attribute.external_reference == any_(value)),
        "types": Criterion(_texts, lambda value: Attribute.type == any_(value)),
        "input_types": Criterion(_texts, lambda value: Attribute.input_type == any_(value)),
        "entity_types": Criterion(_texts, lambda value: Attribute.entity_type == any_(value)),
        "units": Criterion(_texts, lambda value: Attribute.unit == any_(value)),
        "with_choices": Criterion(Boolean(), _WITH_CHOICES.__eq__),
        "value_required": Criterion(Boolean(), lambda value: Attribute.value_required == value),
        "visible_in_storefront": Criterion(Boolean(), lambda value: Attribute.visible_in_storefront == value),
        "is_variant_only": Criterion(Boolean(), _ONLY_VARIANTS.__eq__),
        "metadata": Criterion(JSONB(), Attribute.metadata_public.contains),
        "metadata_keys": Criterion(_texts, Attribute.metadata_public.has_all),
        "search": _named_like(Attribute.name, Attribute.slug),
        # Products of these types have it, or their variants.
        "product_types": Criterion(_ids, lambda value: _assigned(OfProductType.product_type_id == any_(value))),
    },
    sorts={
        "NAME": (Attribute.name, False),
        "SLUG": (Attribute.slug, False),
        "VALUE_REQUIRED": (Attribute.value_required, False),
        "VISIBLE_IN_STOREFRONT": (Attribute.visible_in_storefront, False),
        "IS_VARIANT_ONLY": (_ONLY_VARIANTS, False),
    },
    see=_see_attributes,
    within={"product type": _free_for_products, "page type": _free_for_pages},
)

CHOICE_LIST: Final = Listing(
    entity=Value,
    columns=VALUE_COLUMNS,
    criteria={
        "ids": Criterion(_ids, lambda value: Value.id == any_(value)),
        "slugs": Criterion(_texts, lambda value: Value.slug == any_(value)),
        "names": Criterion(_texts, lambda value: Value.name == any_(value)),
        "search": _named_like(Value.name, Value.slug),
    },
    sorts={"ORDER": (Value.sort_order, False), "NAME": (Value.name, False), "SLUG": (Value.slug, False)},
    see=lambda statement, _view: statement.outerjoin(Asset, Asset.id == Value.asset_id),
    within={"attribute": lambda statement: statement.where(Value.attribute_id == PARENTS.c.id)},
)
