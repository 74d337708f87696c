"""The explorer in a browser: it asks for what a document needs, says so, and forgets everything when told to."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

# A lesson asks for others first, and waits for a mail: a busy machine takes its time.
LONG = 60_000


def open_lesson(page: Page, name: str) -> None:
    """The lesson's document is in the editor."""
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=2, name=name, exact=True)).to_be_visible()


def test_what_a_document_needs_is_asked_for_first(visit: Callable[..., Page]) -> None:
    page = visit(width=1440)
    page.goto("/graphql/")
    open_lesson(page, "CheckoutDeliveryMethodUpdate")
    expect(page.locator("#needs")).to_contain_text("Run asks first: ProductDetails")
    page.locator("#run").click()
    status = page.get_by_role("status")
    expect(status).to_contain_text("Asked first: ProductDetails", timeout=LONG)
    expect(status).to_contain_text("DeliveryOptionsCalculate")
    expect(status).to_contain_text("HTTP 200", timeout=LONG)
    expect(page.locator("#reply")).to_contain_text('"errors": []')
    expect(page.locator("#variables")).not_to_have_value("{{checkout}}")
    # What was brought is kept: nothing is asked for again.
    page.reload()
    expect(page.locator("#needs")).to_be_empty()
    page.locator("#run").click()
    expect(status).to_contain_text("HTTP 200", timeout=LONG)
    expect(status).not_to_contain_text("Asked first")
    page.get_by_role("button", name="Start over").click()
    expect(page.locator("#needs")).to_contain_text("Run asks first: ProductDetails")


def test_a_login_is_made_by_documents_too(visit: Callable[..., Page]) -> None:
    """The token of the confirmation is read out of the mailbox."""
    page = visit(width=1440, dark=True)
    page.goto("/graphql/")
    open_lesson(page, "CurrentUser")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status")).to_contain_text(
        "Asked first: AccountRegister, ConfirmAccount, TokenCreate.", timeout=LONG
    )
    expect(page.locator("#reply")).to_contain_text('"firstName": "Example"')
    expect(page.locator("#headers")).to_have_value(re.compile("Bearer ey"))


def test_a_document_of_staff_says_how_to_log_in(visit: Callable[..., Page]) -> None:
    page = visit(width=390)
    page.goto("/graphql/")
    page.get_by_label("Find a document").fill("moderates")
    open_lesson(page, "CommentQueue")
    expect(page.locator("#needs")).to_contain_text("put the password that make run printed in there")
    page.locator("#run").click()
    expect(page.get_by_role("status")).to_contain_text(
        "TokenCreate as staff needs what stands for {{password}}", timeout=LONG
    )


def test_what_was_typed_can_be_taken_back(visit: Callable[..., Page]) -> None:
    page = visit(width=1440)
    page.goto("/graphql/")
    open_lesson(page, "Home")
    saved = page.locator("#query").input_value()
    page.locator("#query").fill("{ shop { nme } }")
    page.locator("#run").click()
    expect(page.get_by_role("status")).to_contain_text("HTTP 400", timeout=LONG)
    expect(page.get_by_role("status")).to_contain_text("Did you mean 'name'?")
    page.reload()
    expect(page.locator("#query")).to_have_value("{ shop { nme } }")
    page.get_by_role("button", name="As it was saved").click()
    expect(page.locator("#query")).to_have_value(saved)
