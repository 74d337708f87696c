"""Tokens in mails: each bound to a purpose, a user, the account as it was, and an hour."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shop.accounts import links
from shop.accounts.attempts import Guard, guessing, pause, remembered, trying_codes
from shop.accounts.errors import LinkRefused
from shop.accounts.links import Account, Purpose

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = "a secret of thirty-two characters"
ACCOUNT = Account(
    1, "a@example.com", is_staff=False, is_active=True, is_confirmed=True, token_key="key", password_hash="hash"
)


def checked(token: str, account: Account | None = ACCOUNT, **changes: Any) -> Account:
    given: dict[str, Any] = {"secret": SECRET, "purpose": Purpose.RESET, "now": NOW} | changes
    return links.check(given["secret"], given["purpose"], links.read(token), account, now=given["now"])


def test_a_token_is_good_for_its_hour() -> None:
    token = links.make(SECRET, Purpose.RESET, ACCOUNT, at=NOW)
    assert checked(token, now=NOW + timedelta(minutes=59, seconds=59)) == ACCOUNT
    with pytest.raises(LinkRefused):
        checked(token, now=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    "account",
    [
        None,
        replace(ACCOUNT, id=2),
        replace(ACCOUNT, email="b@example.com"),
        replace(ACCOUNT, password_hash="another"),
        replace(ACCOUNT, password_hash=None),
        replace(ACCOUNT, token_key="another"),
        replace(ACCOUNT, is_active=False),
        replace(ACCOUNT, is_confirmed=False),
    ],
)
def test_a_token_fits_no_other_account_and_no_other_state(account: Account | None) -> None:
    with pytest.raises(LinkRefused):
        checked(links.make(SECRET, Purpose.RESET, ACCOUNT, at=NOW), account)


@pytest.mark.parametrize(
    "changes", [{"purpose": Purpose.DELETE}, {"purpose": Purpose.CHANGE_EMAIL}, {"secret": "another secret"}]
)
def test_a_token_serves_one_purpose_of_one_shop(changes: dict[str, Any]) -> None:
    with pytest.raises(LinkRefused):
        checked(links.make(SECRET, Purpose.RESET, ACCOUNT, at=NOW), **changes)


def test_no_part_of_a_token_can_be_exchanged() -> None:
    token = links.make(SECRET, Purpose.CHANGE_EMAIL, ACCOUNT, at=NOW, new_email="new@example.com")
    assert links.read(token).new_email == "new@example.com"
    other = links.make(SECRET, Purpose.CHANGE_EMAIL, ACCOUNT, at=NOW, new_email="evil@example.com")
    mixed = other.split(".")[0] + "." + token.split(".")[1]
    with pytest.raises(LinkRefused):
        checked(mixed, purpose=Purpose.CHANGE_EMAIL)


@pytest.mark.parametrize("text", ["", ".", "x.y", "é.é", "MQ.x", "a" * 2000, "MTpub3c6eA.x"])
def test_what_is_no_token(text: str) -> None:
    with pytest.raises(LinkRefused):
        links.read(text)


def test_a_link_keeps_what_its_address_says() -> None:
    assert links.link("https://a.test/x?y=1#z", token="t/1", email="a+b@example.com") == (
        "https://a.test/x?y=1&token=t%2F1&email=a%2Bb%40example.com#z"
    )


def test_pauses_double_up_to_their_limit() -> None:
    guard = Guard("key", 3, timedelta(seconds=30))
    assert [pause(count, guard).seconds for count in (0, 3, 4, 5, 6, 7, 8, 9, 500)] == [0, 0, 2, 4, 8, 16, 30, 30, 30]


def test_an_address_alone_may_fail_more_often_than_an_account() -> None:
    pair, account, address = guessing("a@example.com", "192.0.2.1")
    assert pair.free < account.free < address.free
    assert account.longest <= timedelta(minutes=1)
    assert "a@example.com" not in pair.key
    assert len(guessing("a@example.com", "")) == 2


@pytest.mark.parametrize(
    ("forgotten_in", "minutes", "left"),
    [
        (None, 0, (5, 0)),
        (None, 24 * 60, (5, 0)),
        (None, 24 * 60 + 1, (0, 0)),
        (10, 0, (5, 0)),
        (10, 9, (5, 9)),
        (10, 10, (4, 0)),
        (10, 29, (3, 9)),
        (10, 49, (1, 9)),
        (10, 50, (0, 0)),
        (10, -5, (5, -5)),
    ],
)
def test_attempts_are_forgotten_after_a_day_or_one_by_one(
    forgotten_in: int | None, minutes: int, left: tuple[int, int]
) -> None:
    guard = Guard("key", 3, timedelta(seconds=30), None if forgotten_in is None else timedelta(minutes=forgotten_in))
    failures, since = remembered(5, NOW - timedelta(minutes=minutes), guard, NOW)
    assert (failures, NOW - since) == (left[0], timedelta(minutes=left[1]))


def test_who_tries_without_end_is_let_try_as_often_as_an_hour_allows() -> None:
    """However close together the tries are, the time between them counts towards forgetting."""
    _, guard = trying_codes("cart", "192.0.2.1", per_cart=10, per_address_hourly=60)
    failures, since, free = 0, NOW, 0
    for second in range(3600):
        now = NOW + timedelta(seconds=second)
        failures, since = remembered(failures, since, guard, now)
        if not pause(failures + 1, guard):
            failures, free = failures + 1, free + 1
    # 60 at once, and one for each minute that had passed.
    assert free == 60 + 59
    assert [one.key for one in trying_codes("cart", "", per_cart=10, per_address_hourly=60)] == [
        trying_codes("cart", "192.0.2.1", per_cart=10, per_address_hourly=60)[0].key
    ]
