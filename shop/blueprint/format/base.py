"""What all sections share: the strict base model and the kinds of value that occur everywhere."""

from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Section(BaseModel):
    """A part of a shop file: an unknown key is an error, since it is most often a misspelt one."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, str_strip_whitespace=True)


SLUG: Final = r"^[a-z0-9]+(?:[-_][a-z0-9]+)*$"
COUNTRY: Final = r"^[A-Z]{2}$"
CURRENCY: Final = r"^[A-Z]{3}$"
EMAIL: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
LANGUAGE: Final = r"^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$"
URL: Final = r"^(https?://|/)"
# What each pattern means to whoever reads an error.
MEANINGS: Final = {
    SLUG: "Expected lower-case letters and digits, parted by single hyphens",
    COUNTRY: "Expected a country as two capital letters, such as US",
    CURRENCY: "Expected a currency as three capital letters, such as USD",
    EMAIL: "Expected an e-mail address",
    LANGUAGE: "Expected a language in small letters, such as de or pt-br",
    URL: "Expected an address that begins with https://, http:// or /",
}

Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=255)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=250)]
Text = Annotated[str, StringConstraints(max_length=100_000)]
Sku = Annotated[str, StringConstraints(min_length=1, max_length=255)]
Country = Annotated[str, StringConstraints(pattern=COUNTRY), Field(description="ISO 3166 country: `US`, `DE`")]
Currency = Annotated[str, StringConstraints(pattern=CURRENCY), Field(description="ISO 4217 currency: `USD`")]
Price = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=3)]
Prices = Annotated[dict[Slug, Price], Field(description="Price by channel; an absent channel does not sell it")]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=3)]
Kilograms = Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=3)]
Quantity = Annotated[int, Field(ge=0, le=2_147_483_647)]
Email = Annotated[str, StringConstraints(pattern=EMAIL, max_length=254)]
Metadata = Annotated[dict[str, str], Field(description="Public metadata: keys with text values")]
SeoTitle = Annotated[str, StringConstraints(max_length=70)]
SeoDescription = Annotated[str, StringConstraints(max_length=300)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE, max_length=35)]


class NameTranslation(Section):
    """A name in another language."""

    name: Name


NameTranslations = Annotated[dict[Language, NameTranslation], Field(description="Its name by language: `de`, `pt-br`")]
