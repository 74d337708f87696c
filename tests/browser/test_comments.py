"""Commenting in a real browser: without leaving the page, by keyboard, and without a script."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Keep = Callable[[Page, str], None]

ARTICLE = "/pages/adult-stem-cell-therapy-for-hair-loss"
WAITS = "Thank you. Your comment will be shown once somebody has looked at it."


def fill_in(page: Page, words: str, **typed: str) -> None:
    """The form below the article."""
    form = page.locator("#comments form").last
    form.get_by_label("Name").fill(typed.get("name", "Example reader"))
    form.get_by_label("E-mail", exact=False).first.fill("reader@example.com")
    form.get_by_label("Website").fill(typed.get("website", ""))
    form.get_by_label("Comment").fill(words)


def test_a_comment_is_made_without_leaving_the_page(visit: Visit, keep: Keep) -> None:
    page = visit()
    page.goto(ARTICLE)
    page.evaluate("window.stays = true")
    comments = page.locator("#comments")
    expect(comments).to_contain_text("It is no medical advice")
    expect(comments.get_by_role("heading", name="Leave a Comment")).to_be_visible()
    keep(page, "form")
    # What only the server can know is told beside what was typed.
    fill_in(page, "First words.", website="javascript:alert(1)")
    page.keyboard.press("Tab")
    comments.get_by_role("button", name="Post comment").click()
    problem = comments.get_by_role("alert")
    expect(problem).to_contain_text("Website: Enter the address of a website")
    expect(problem).to_be_focused()
    expect(comments.get_by_label("Website")).to_have_attribute("aria-invalid", "true")
    expect(comments.get_by_role("textbox", name="Comment")).to_have_value("First words.")
    keep(page, "problem")
    comments.get_by_label("Website").fill("")
    comments.get_by_role("button", name="Post comment").click()
    expect(comments.locator("[data-comment-said]")).to_have_text(WAITS)
    expect(page.get_by_role("status").filter(has_text=WAITS)).to_have_count(1)
    expect(comments.locator("[data-comment-said]")).to_be_focused()
    expect(comments.get_by_role("textbox", name="Comment")).to_have_value("")
    keep(page, "said")
    assert page.evaluate("window.stays") is True


def test_without_a_script(visit: Visit, keep: Keep) -> None:
    page = visit(javascript=False)
    page.goto(ARTICLE)
    fill_in(page, "Other words.", website="javascript:alert(1)")
    page.locator("#comments").get_by_role("button", name="Post comment").click()
    expect(page).to_have_url(re.compile(r"/comments$"))
    expect(page.get_by_text("This is what you are about to post.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("Other words.")
    page.get_by_role("button", name="Post comment").click()
    expect(page.get_by_role("alert")).to_contain_text("Website: Enter the address of a website")
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("Other words.")
    keep(page, "problem")
    page.get_by_label("Website").fill("")
    page.get_by_role("button", name="Post comment").click()
    expect(page).to_have_url(re.compile(rf"{ARTICLE}#comments$"))
    expect(page.get_by_role("status").first).to_have_text(WAITS)


def test_the_trap_is_nobodys(visit: Visit) -> None:
    page = visit(width=320)
    page.goto(ARTICLE)
    trap = page.locator("#comments input[name=subject]")
    box = trap.bounding_box()
    assert box is not None
    assert box["x"] < 0
    page.locator("#comments").get_by_label("Website").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#comments").get_by_role("textbox", name="Comment")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#comments input[name=notifyOfReplies]")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_an_answer_is_written_below_its_comment(visit: Visit, keep: Keep) -> None:
    page = visit()
    page.goto(ARTICLE)
    comments = page.locator("#comments")
    first = comments.locator(".comment").first
    expect(first).to_contain_text("Example reader A")
    expect(first.locator(".comment-staff").first).to_contain_text("Works here")
    reply = first.get_by_role("link", name="Reply to Example reader A").first
    reply.press("Enter")
    form = first.get_by_role("form", name="Your answer").first
    expect(form.get_by_label("Name")).to_be_focused()
    keep(page, "answer")
    # Once more closes it; the way is there and back by keyboard.
    reply.press("Enter")
    expect(form).to_have_count(0)
    reply.press("Enter")
    form.get_by_label("Name").fill("Example reader")
    form.get_by_label("E-mail *").fill("answer@example.com")
    form.get_by_role("textbox", name="Comment").fill("An answer.")
    form.get_by_role("button", name="Post comment").click()
    expect(comments.locator("[data-comment-said]")).to_have_text(WAITS)
    expect(comments.get_by_role("form")).to_have_count(1)
