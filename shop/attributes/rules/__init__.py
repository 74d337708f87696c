"""What the kinds of attribute mean: which offer choices, which refer to other rows."""

from typing import Final

INPUT_TYPES: Final = (
    "DROPDOWN",
    "MULTISELECT",
    "FILE",
    "REFERENCE",
    "SINGLE_REFERENCE",
    "NUMERIC",
    "RICH_TEXT",
    "PLAIN_TEXT",
    "SWATCH",
    "BOOLEAN",
    "DATE",
    "DATE_TIME",
)
# Their values are named by the owner beforehand, and one value describes many things.
# Source: Saleor, Attribute.withChoices.
WITH_CHOICES: Final = frozenset({"DROPDOWN", "MULTISELECT", "SWATCH"})
REFERENCES: Final = frozenset({"REFERENCE", "SINGLE_REFERENCE"})
# A thing may have several values of these.
SEVERAL: Final = frozenset({"MULTISELECT", "REFERENCE"})
# Variants can be told apart by these.
# Source: Saleor, productAttributeAssignmentUpdate(variantSelection).
TELLS_VARIANTS_APART: Final = frozenset({"DROPDOWN", "BOOLEAN", "SWATCH", "NUMERIC"})
# What an attribute may refer to, with the column of a value that does.
ENTITIES: Final = {
    "PAGE": "page_id",
    "PRODUCT": "product_id",
    "PRODUCT_VARIANT": "variant_id",
    "CATEGORY": "category_id",
    "COLLECTION": "collection_id",
}
# Source: Saleor, MeasurementUnitsEnum.
_UNITS: Final = """
MM CM DM M KM FT YD INCH SQ_MM SQ_CM SQ_DM SQ_M SQ_KM SQ_FT SQ_YD SQ_INCH CUBIC_MILLIMETER CUBIC_CENTIMETER
CUBIC_DECIMETER CUBIC_METER LITER CUBIC_FOOT CUBIC_INCH CUBIC_YARD QT PINT FL_OZ ACRE_IN ACRE_FT G LB OZ KG TONNE
"""
UNITS: Final = tuple(_UNITS.split())
