"""What an address needs, by country: exact values for places whose posts are well known."""

from typing import Any

import pytest

from shop.accounts.address_rules import choice, rules_for
from shop.accounts.addresses import PostalAddress, complete
from shop.kit.errors import Many


def test_germany() -> None:
    rules = rules_for("DE")
    assert rules.country_name == "GERMANY"
    assert rules.address_format == "%N%n%O%n%A%n%Z %C"
    assert rules.allowed_fields == ("name", "company_name", "street_address", "postal_code", "city")
    assert set(rules.required_fields) == {"street_address", "city", "postal_code"}
    assert (rules.country_area_choices, rules.city_choices, rules.city_area_choices) == ((), (), ())
    assert rules.postal_code_matchers == (r"^(?:\d{5})$",)
    assert rules.postal_code_examples == ("26133", "53225")


def test_an_area_narrows_the_postal_codes() -> None:
    assert rules_for("US").country_area_type == "state"
    assert len(rules_for("US").country_area_choices) == 62
    by_name, by_code = rules_for("US", "new york"), rules_for("US", "NY")
    assert by_name == by_code
    assert by_code.postal_code_matchers == (r"^(?:(\d{5})(?:[ \-](\d{4}))?)$", "^(?:1[0-4]|06390|00501|00544)")
    assert rules_for("US", "Nowhere") == rules_for("US")


def test_choices_go_down_to_districts_in_every_language() -> None:
    area, city = "Guangdong Sheng", "Shenzhen Shi"
    areas = rules_for("CN").country_area_choices
    assert ("广东省", "Guangdong Sheng") in areas
    assert rules_for("CN").city_choices == ()
    assert ("深圳市", "Shenzhen Shi") in rules_for("CN", area).city_choices
    assert ("福田区", "Futian Qu") in rules_for("CN", area, city).city_area_choices
    assert ("BC", "Colombie-Britannique") in rules_for("CA").country_area_choices
    assert ("BC", "British Columbia") in rules_for("CA").country_area_choices


@pytest.mark.parametrize("country", ["", "EU", "XX"])
def test_a_country_without_data_has_the_rules_of_anywhere(country: str) -> None:
    rules = rules_for(country)
    assert rules.address_format == "%N%n%O%n%A%n%C"
    assert rules.required_fields == ("street_address", "city")
    assert rules.postal_code_matchers == ()


def test_a_choice_is_known_by_every_spelling() -> None:
    choices = (("BC", "British Columbia"), ("BC", "Colombie-Britannique"))
    assert [choice(text, choices) for text in ("bc", " British columbia", "Colombie-Britannique", "x", "")] == [
        *("BC", "BC", "BC"),
        *(None, None),
    ]


def _address(**texts: Any) -> PostalAddress:
    return PostalAddress(**({"street_address_1": "1 Example Street", "city": "Example City"} | texts))


def test_an_address_is_tidied_up() -> None:
    done = complete(_address(country="CA", country_area="ontario", postal_code="k1a 0b1", city_area="dropped"))
    assert (done.country_area, done.postal_code, done.city_area) == ("ON", "K1A 0B1", "")
    assert (done.city, done.street_address_1) == ("EXAMPLE CITY", "1 EXAMPLE STREET")
    # What the country does not use is not stored.
    assert complete(_address(country="DE", country_area="Bayern", postal_code="80331")).country_area == ""
    assert complete(_address(country="AE", country_area="Dubai", postal_code="00000")).postal_code == ""


@pytest.mark.parametrize(
    ("texts", "errors"),
    [
        ({}, [("REQUIRED", "country")]),
        ({"country": "DE"}, [("REQUIRED", "postalCode")]),
        ({"country": "DE", "postal_code": "1234"}, [("INVALID", "postalCode")]),
        ({"country": "DE", "postal_code": "12345", "city": " "}, [("REQUIRED", "city")]),
        ({"country": "US", "postal_code": "10001"}, [("REQUIRED", "countryArea")]),
        ({"country": "US", "postal_code": "10001", "country_area": "Nowhere"}, [("INVALID", "countryArea")]),
        # A postal code of another state.
        ({"country": "US", "postal_code": "90210", "country_area": "NY"}, [("INVALID", "postalCode")]),
        ({"country": "PL", "postal_code": "50 123", "street_address_1": ""}, None),
        ({"country": "GB", "postal_code": "ec1y8sy"}, []),
        ({"country": "IE"}, []),
        ({"country": "DE", "postal_code": "12345", "phone": "abc"}, [("INVALID", "phone")]),
        ({"country": "DE", "postal_code": "12345", "city": "x" * 257}, [("INVALID", "city")]),
    ],
)
def test_what_is_missing_or_wrong(texts: dict[str, str], errors: list[tuple[str, str]] | None) -> None:
    if errors == []:
        complete(_address(**texts))
        return
    with pytest.raises(Many) as caught:
        complete(_address(**texts), kind="BILLING")
    found = [(error.code, error.field) for error in caught.value.errors]
    assert found == ([("INVALID", "postalCode"), ("REQUIRED", "streetAddress1")] if errors is None else errors)
    assert {error.params["address_type"] for error in caught.value.errors} == {"BILLING"}
