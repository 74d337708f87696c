"""Choosing a time in a real browser: on one's own clock, held, paid, moved, cancelled; and losing it to somebody."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_journeys import GOOD_CARD, go_to_the_card_page, order_number, pay

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Keep = Callable[[Page, str], None]

CONSULTATION = "/products/first-consultation"
# Days with free times, one of which is so far ahead that cancelling costs nothing.
LATER = 5


def open_picker(page: Page, day: int) -> None:
    """The consultation with the times of a later day."""
    page.goto(CONSULTATION)
    page.wait_for_load_state("networkidle")
    page.locator(".days a").nth(day).click()
    expect(page.locator(".start").first).to_be_visible()


def check_out(page: Page, email: str) -> None:
    """From the cart to the confirmation."""
    page.goto("/checkout")
    page.get_by_label("E-mail").fill(email)
    page.locator("#billing-firstName").fill("Example")
    page.locator("#billing-lastName").fill("Shopper")
    page.locator("#billing-country").select_option("US")
    page.get_by_role("button", name="Continue to payment").click()
    go_to_the_card_page(page)
    pay(page, GOOD_CARD)
    order_number(page)


def test_a_time_is_chosen_held_paid_moved_and_cancelled(visit: Visit, keep: Keep, live_shop: str) -> None:
    page = visit(zone="Asia/Tokyo")
    open_picker(page, LATER)
    expect(page.locator("[data-zone]")).to_have_attribute("data-zone", "Asia/Tokyo")
    first = page.locator(".start").first
    expect(first).to_contain_text("Example practitioner")
    expect(first).to_contain_text("in New York")
    keep(page, "picker")
    first.click()
    drawer = page.get_by_role("dialog", name="Shopping cart")
    expect(drawer).to_contain_text("(Tokyo), with Example practitioner")
    expect(drawer.locator(".held")).to_have_text(re.compile(r"^Held for you for 1[34]:[0-5][0-9]$"))
    expect(drawer).to_contain_text("Subtotal $120.00")
    keep(page, "held")
    check_out(page, "visitor@example.com")
    keep(page, "confirmation")
    page.get_by_role("link", name="Change or cancel").click()
    calendar = page.get_by_role("link", name="Add to my calendar").get_attribute("href")
    answer = httpx.get(f"{live_shop}{calendar}")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "BEGIN:VEVENT" in answer.text
    keep(page, "visit")

    when = page.locator("main time").first.get_attribute("datetime")
    page.get_by_role("link", name="Choose another time").click()
    page.locator(".days a").nth(LATER).click()
    page.locator(".start").nth(2).click()
    expect(page.get_by_role("status")).to_have_text("Your booking has its new time.")
    assert page.locator("main time").first.get_attribute("datetime") != when
    moved = httpx.get(f"{live_shop}{calendar}").text
    assert "SEQUENCE:1" in moved
    assert re.findall("UID:.*", moved) == re.findall("UID:.*", answer.text)

    page.get_by_role("link", name="Cancel the visit").click()
    expect(page.locator("main")).to_contain_text("You paid $120.00. $120.00 is paid back the way you paid")
    keep(page, "cancel")
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_role("status")).to_have_text("Your booking is cancelled.")
    expect(page.locator("main")).to_contain_text(re.compile(r"Refund\s*\$120\.00"))
    keep(page, "cancelled")


@pytest.mark.parametrize("javascript", [True, False])
def test_who_comes_second_gets_a_kind_word_and_the_next_times(visit: Visit, keep: Keep, *, javascript: bool) -> None:
    # Each run on a day of its own: holds of the other one are still in the calendar.
    day = LATER + 2 + javascript
    rival = visit(javascript=javascript, zone="America/New_York")
    open_picker(rival, day)
    slow = rival.locator(".start").first.locator("time").get_attribute("datetime")
    fast = visit()
    open_picker(fast, day)
    # With whoever the page offers at that start: both want the same practitioner.
    fast.locator(".start").first.click()
    expect(fast.get_by_role("dialog", name="Shopping cart")).to_contain_text("$120.00")
    rival.locator(".start").first.click()
    expect(rival.get_by_role("alert")).to_have_text(
        "Somebody was faster: this time is taken now. The times below are free."
    )
    expect(rival.locator(".start").first).to_be_visible()
    again = rival.locator(".start").first
    assert again.locator("time").get_attribute("datetime") != slow or "practitioner B" in again.inner_text()
    expect(rival.locator("[data-cart-count]").first).to_have_text("0")
    keep(rival, "too-late")
    again.click()
    expect(rival.locator("#cart .lines")).to_contain_text("First consultation")
