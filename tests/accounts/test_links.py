"""Tokens in mails: each bound to a purpose, a user, the account as it was, and an hour."""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts import links
from shop.accounts.actions import count_guess, forget_attempts, guessed_right
from shop.accounts.attempts import Guard, counted, guessing, pause, remembered, trying_codes
from shop.accounts.errors import Delayed, LinkRefused
from shop.accounts.links import Account, Purpose
from shop.kit.db import Database

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


def after(guard: Guard, *, attempts: int, every: timedelta = timedelta(0)) -> tuple[int, datetime]:
    """What is remembered of an attacker who tries whenever it is allowed, and each time after `every`."""
    failures, since, now = 0, NOW, NOW
    for _ in range(attempts):
        failures, since = remembered(failures, since, guard, now)
        failures = counted(failures, guard)
        now += max(every, pause(failures, guard))
    return failures, since


@pytest.mark.parametrize(("which", "least_minutes"), [(0, 90), (1, 18), (2, 4)])
def test_a_long_attack_decays_as_soon_as_a_short_one(which: int, least_minutes: int) -> None:
    """Of the account from there, of the account, of the address: after so long the next attempt waits for nothing."""
    guard = guessing("a@example.com", "192.0.2.1")[which]
    for attempts in (200, 5_000):
        failures, since = after(guard, attempts=attempts)
        assert pause(failures, guard) <= guard.longest
        later = since + timedelta(minutes=least_minutes)
        left, _ = remembered(failures, since, guard, later)
        assert pause(left, guard) == timedelta(0)
        left, _ = remembered(failures, since, guard, since + timedelta(days=1))
        assert left == 0


def test_a_typo_a_day_at_a_shared_address_never_adds_up() -> None:
    """A hundred people behind one line, each with a few typos spread over the day."""
    *_, address = guessing("a@example.com", "192.0.2.1")
    failures, _ = after(address, attempts=2_000, every=timedelta(minutes=1))
    assert (failures, pause(failures, address)) == (1, timedelta(0))


def test_the_longest_wait_is_the_most_that_counts() -> None:
    guard = Guard("key", 3, timedelta(seconds=60))
    assert [counted(failures, guard) for failures in (0, 7, 8, 9, 1000)] == [1, 8, 9, 9, 9]
    assert pause(9, guard) == timedelta(seconds=60)
    assert pause(8, guard) == timedelta(seconds=32)


async def waits(*guesses: Awaitable[object]) -> bool:
    """Whether one of them, made one after the other, came too early."""
    late = 0
    for guess in guesses:
        try:
            await guess
        except Delayed:
            late += 1
    return late > 0


async def test_who_is_known_at_an_address_does_not_wait_for_others_there(database: Database) -> None:
    office, home = "192.0.2.1", "198.51.100.7"

    async def work(session: AsyncSession) -> None:
        async def guess(email: str, address: str, now: datetime) -> tuple[Guard, ...]:
            return await count_guess(session, email, address, now=now, field="email")

        mine = await guess("customer@example.com", office, NOW)
        assert len(mine) == 3
        await guessed_right(session, "customer@example.com", office, mine, now=NOW)
        # Somebody in the same office tries many accounts, the customer's too, and goes on.
        now = NOW
        for number in range(130):
            try:
                await guess(f"{number}@example.com", office, now)
            except Delayed:
                now += timedelta(seconds=5)
        assert await waits(guess("new@example.com", office, now), guess("new@example.com", office, now))
        assert len(await guess("customer@example.com", office, now)) == 1
        # And somebody elsewhere guesses at that one account.
        assert await waits(*(guess("customer@example.com", f"203.0.113.{number}", now) for number in range(30)))
        assert len(await guess("customer@example.com", office, now)) == 1
        with pytest.raises(Delayed):
            await guess("customer@example.com", home, now)
        # What they fail at there themselves, they wait for.
        assert await waits(*(guess("customer@example.com", office, now) for _ in range(7)))
        # Being known ends.
        await forget_attempts(session, now=NOW + timedelta(days=29))
        assert len(await guess("customer@example.com", office, NOW + timedelta(days=29))) == 1
        assert len(await guess("customer@example.com", office, NOW + timedelta(days=30))) == 3
        await forget_attempts(session, now=NOW + timedelta(days=60))
        assert (await session.execute(text("SELECT count(*) FROM account_attempt"))).scalar_one() == 0

    await database.run(work)


async def test_logging_in_again_and_again_wipes_out_nothing(database: Database) -> None:
    """With an account of one's own, known at the address, what one failed at with others stays counted."""

    async def work(session: AsyncSession) -> None:
        for number in range(50):
            await count_guess(session, f"{number}@example.com", "192.0.2.1", now=NOW, field="email")
        for _ in range(20):
            guards = await count_guess(session, "own@example.com", "192.0.2.1", now=NOW, field="email")
            await guessed_right(session, "own@example.com", "192.0.2.1", guards, now=NOW)
        counter = text("SELECT failures FROM account_attempt WHERE key LIKE 'password:@%'")
        assert await session.scalar(counter) == 50

    await database.run(work)


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
