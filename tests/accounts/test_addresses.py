"""Which addresses are complete enough, and what is said of the others."""

from dataclasses import replace
from typing import Any

import pytest

from shop.accounts.addresses import PostalAddress, checked, missing
from shop.kit.errors import Many

WHOLE = PostalAddress(street_address_1="1 Example Street", city="Example City", postal_code="10001", country="US")


def errors(address: PostalAddress, **how: bool) -> set[tuple[str | None, str, str]]:
    with pytest.raises(Many) as caught:
        checked(address, kind="SHIPPING", **how)
    return {(error.field, error.code, error.params["address_type"]) for error in caught.value.errors}


def test_blanks_around_texts_are_dropped() -> None:
    given = replace(WHOLE, first_name="  Example ", phone=" +1 212 555-0100 ")
    assert checked(given, kind="BILLING") == replace(given, first_name="Example", phone="+1 212 555-0100")


@pytest.mark.parametrize(
    ("name", "field"),
    [("street_address_1", "streetAddress1"), ("city", "city"), ("postal_code", "postalCode"), ("country", "country")],
)
def test_what_is_needed(name: str, field: str) -> None:
    blank: dict[str, Any] = {name: "  "}
    assert errors(replace(WHOLE, **blank)) == {(field, "REQUIRED", "SHIPPING")}


def test_countries_without_postal_codes_need_none() -> None:
    assert missing(replace(WHOLE, postal_code="", country="HK")) == []
    assert missing(replace(WHOLE, postal_code="", country="DE")) == ["postal_code"]


def test_only_the_country_is_needed_where_nothing_is_sent() -> None:
    assert checked(PostalAddress(country="US"), kind="BILLING", required=False) == PostalAddress(country="US")
    assert errors(PostalAddress(), required=False) == {("country", "REQUIRED", "SHIPPING")}


@pytest.mark.parametrize("phone", ["call me", "12", "+", "<script>", "123-abc", "1" * 33])
def test_phone_numbers_that_are_none(phone: str) -> None:
    assert errors(replace(WHOLE, phone=phone)) == {("phone", "INVALID", "SHIPPING")}


def test_formats_can_be_left_unchecked_but_not_lengths() -> None:
    assert checked(replace(WHOLE, phone="call me"), kind="SHIPPING", formats=False).phone == "call me"
    assert errors(replace(WHOLE, city="x" * 257), formats=False) == {("city", "INVALID", "SHIPPING")}
