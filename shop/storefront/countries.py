"""The countries of the world as choices. Who pays may live anywhere; only goods need one that is delivered to."""

from typing import Final

from shop.kit.countries import NAMES
from shop.storefront.markets import Country

# `EU` is a zone for taxes, nobody's address.
ALL_COUNTRIES: Final = tuple(
    sorted((Country(*item) for item in NAMES.items() if item[0] != "EU"), key=lambda country: country.name)
)
