"""Enums that several parts of the API share."""

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from shop.api.core.languages import LanguageCodeEnum
from shop.kit.countries import NAMES

if TYPE_CHECKING:

    class CountryCode(Enum):
        """A country; its members are made at run time from `kit.countries`."""

else:
    CountryCode = strawberry.enum(
        Enum("CountryCode", {code: code for code in NAMES}),
        description="A country, by its ISO 3166-1 alpha-2 code.",
    )


@strawberry.enum(description="Which way to sort.")
class OrderDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.enum(description="The file format of a thumbnail.")
class ThumbnailFormatEnum(Enum):
    ORIGINAL = "ORIGINAL"
    AVIF = "AVIF"
    WEBP = "WEBP"


@strawberry.enum(description="Units of weight.")
class WeightUnitsEnum(Enum):
    G = "G"
    LB = "LB"
    OZ = "OZ"
    KG = "KG"
    TONNE = "TONNE"


@strawberry.enum(description="Whether a payment is taken at once or only authorised.")
class TransactionFlowStrategyEnum(Enum):
    AUTHORIZATION = "AUTHORIZATION"
    CHARGE = "CHARGE"


__all__ = [
    "CountryCode",
    "LanguageCodeEnum",
    "OrderDirection",
    "ThumbnailFormatEnum",
    "TransactionFlowStrategyEnum",
    "WeightUnitsEnum",
]
