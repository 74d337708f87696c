"""The main job in a real browser: read the article, fill the cart, pay, hold an order."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
Keep = Callable[[Page, str], None]

ARTICLE = "/pages/adult-stem-cell-therapy-for-hair-loss"
COURSE = "/products/course-of-3-consultations"
SHAMPOO = "/products/gentle-shampoo"
GOOD_CARD = "4242424242424242"
DECLINED_CARD = "4000000000000002"
ADDRESS = {
    "firstName": "Example",
    "lastName": "Shopper",
    "streetAddress1": "1 Example Street",
    "postalCode": "10001",
    "city": "Exampletown",
    "countryArea": "NY",
}


def add(page: Page, product: str) -> None:
    """The product is in the cart, and its drawer is open."""
    page.goto(product)
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#cart")).to_be_visible()


def fill_details(page: Page, email: str) -> None:
    """The first step, with an address in the United States."""
    page.get_by_label("E-mail").fill(email)
    for field, value in ADDRESS.items():
        page.locator(f"#shipping-{field}").fill(value)
    page.locator("#shipping-country").select_option("US")
    page.get_by_role("button", name="Continue to delivery").click()


def choose_standard_delivery(page: Page) -> None:
    expect(page).to_have_url(re.compile("/checkout/delivery$"))
    page.get_by_role("radio", name=re.compile("^Standard")).check()
    page.get_by_role("button", name="Continue to payment").click()
    expect(page).to_have_url(re.compile("/checkout/payment$"))


def go_to_the_card_page(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Pay")).click()
    page.locator("[name=cardNumber]").wait_for()


def pay(page: Page, card: str) -> None:
    """The sandbox's page is filled in and sent."""
    page.locator("[name=cardNumber]").fill(card)
    page.locator("[name=cardExpiry]").fill("12 / 34")
    page.locator("[name=cardCvc]").fill("123")
    page.locator("[name=submit]").click()


def order_number(page: Page) -> str:
    """The number on the confirmation."""
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
    number = page.locator("[data-order-number]").inner_text()
    assert number.isdigit()
    return number


def expect_one_mail(page: Page, email: str, number: str) -> None:
    """The mailbox page holds exactly one mail to this shopper, about this order, and its link leads there."""
    mails = page.locator("article", has_text=f"To {email}")
    for _ in range(60):
        page.goto("/mailbox")
        if mails.count():
            break
        page.wait_for_timeout(250)
    expect(mails).to_have_count(1)
    expect(mails).to_contain_text(number)
    link = re.search(r"http://\S+/orders/\S+", mails.inner_text())
    assert link
    page.goto(link[0])
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {number}")


def test_article_cart_payment_order(visit: Visit, keep: Keep) -> None:
    page = visit()
    page.goto(ARTICLE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Adult Stem Cell Therapy for Hair Loss")
    assert page.locator("article h2").count() >= 8
    keep(page, "article")
    page.locator(".header [data-cart-open]").click()
    drawer = page.get_by_role("dialog", name="Shopping cart")
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text("Subtotal $0.00")
    expect(drawer.get_by_role("link", name="View cart")).to_be_visible()
    expect(drawer.get_by_role("link", name="Checkout")).to_be_visible()
    keep(page, "empty-drawer")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    add(page, COURSE)
    expect(drawer).to_contain_text("Subtotal $330.00")
    page.keyboard.press("Escape")
    add(page, SHAMPOO)
    expect(drawer).to_contain_text("Subtotal $348.00")
    expect(page.locator("[data-cart-count]").first).to_have_text("2")
    keep(page, "drawer")
    drawer.get_by_role("link", name="Checkout").click()
    keep(page, "details")
    fill_details(page, "journey@example.com")
    keep(page, "delivery")
    choose_standard_delivery(page)
    expect(page.locator("main")).to_contain_text("Total")
    # 330.00 + 18.00 + 6.00, and 6 % tax on goods and their delivery
    expect(page.get_by_role("button", name="Pay $355.44")).to_be_visible()
    keep(page, "payment")
    go_to_the_card_page(page)
    keep(page, "card")
    pay(page, GOOD_CARD)
    number = order_number(page)
    expect(page.locator("main")).to_contain_text("$355.44")
    expect(page.locator("[data-cart-count]").first).to_have_text("0")
    keep(page, "order")
    page.goto("/checkout/return")
    assert order_number(page) == number
    expect_one_mail(page, "journey@example.com", number)


def test_without_javascript(visit: Visit, keep: Keep) -> None:
    page = visit(javascript=False)
    page.goto(ARTICLE)
    drawer = page.locator("#cart")
    expect(drawer).to_be_hidden()
    page.locator(".header [data-cart-open]").click()
    expect(drawer).to_be_visible()
    expect(drawer).to_contain_text("Subtotal $0.00")
    drawer.get_by_role("link", name="Close the cart").click()
    expect(drawer).to_be_hidden()
    add(page, COURSE)
    expect(drawer).to_contain_text("Subtotal $330.00")
    add(page, SHAMPOO)
    expect(drawer).to_contain_text("Subtotal $348.00")
    keep(page, "drawer")
    drawer.get_by_role("link", name="View cart").click()
    quantity = page.get_by_label("Quantity of Gentle shampoo")
    quantity.fill("2")
    page.get_by_role("button", name="Update Gentle shampoo").click()
    expect(page.locator("main")).to_contain_text("Subtotal $366.00")
    keep(page, "cart")
    page.locator("main").get_by_role("link", name="Checkout").click()
    fill_details(page, "plain@example.com")
    choose_standard_delivery(page)
    go_to_the_card_page(page)
    pay(page, GOOD_CARD)
    order_number(page)
    keep(page, "order")


def test_a_declined_card_and_then_a_good_one_make_one_order(visit: Visit, keep: Keep) -> None:
    page = visit()
    add(page, COURSE)
    page.goto("/checkout")
    expect(page.get_by_text("Delivery address")).to_have_count(0)
    page.get_by_label("E-mail").fill("declined@example.com")
    page.get_by_label("First name").fill("Example")
    page.get_by_label("Last name").fill("Shopper")
    page.get_by_label("Country").select_option("US")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.get_by_role("button", name="Pay $330.00")).to_be_visible()
    go_to_the_card_page(page)
    pay(page, DECLINED_CARD)
    expect(page.get_by_role("alert")).to_contain_text("declined")
    keep(page, "declined")
    pay(page, GOOD_CARD)
    number = order_number(page)
    keep(page, "order")
    page.goto("/checkout/return")
    assert order_number(page) == number
    expect_one_mail(page, "declined@example.com", number)


def test_leaving_the_card_page_keeps_the_cart(visit: Visit) -> None:
    page = visit()
    add(page, SHAMPOO)
    page.goto("/checkout")
    fill_details(page, "leaver@example.com")
    choose_standard_delivery(page)
    go_to_the_card_page(page)
    page.get_by_role("link", name="Back to the shop").click()
    expect(page.get_by_role("alert")).to_contain_text("The payment was cancelled")
    page.goto("/checkout/return")
    expect(page.get_by_role("heading", level=1)).to_have_text("The payment is not finished")
    page.get_by_role("link", name="Continue to payment").click()
    go_to_the_card_page(page)
    pay(page, GOOD_CARD)
    order_number(page)


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the element has the focus, as someone without a mouse would."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def type_into(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def test_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit()
    page.goto(SHAMPOO)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    tab_to(page, "[name=variantId]")
    page.keyboard.press("ArrowDown")
    tab_to(page, ".buy-form button")
    page.keyboard.press("Enter")
    drawer = page.get_by_role("dialog", name="Shopping cart")
    expect(drawer).to_contain_text("Subtotal $29.00")
    assert page.evaluate("document.querySelector('[data-page]').inert")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('#cart').contains(document.activeElement)")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.querySelector('#cart').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    assert page.evaluate("document.activeElement.matches('.buy-form button')")
    page.goto("/checkout")
    type_into(page, "#email", "keyboard@example.com")
    for field, value in ADDRESS.items():
        type_into(page, f"#shipping-{field}", value)
    type_into(page, "#shipping-country", "United States")
    tab_to(page, ".form > button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/delivery")
    tab_to(page, "[name=delivery]")
    tab_to(page, ".form > button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/payment")
    tab_to(page, ".form[data-once] button")
    page.keyboard.press("Enter")
    page.locator("[name=cardNumber]").wait_for()
    type_into(page, "[name=cardNumber]", GOOD_CARD)
    type_into(page, "[name=cardExpiry]", "12/34")
    type_into(page, "[name=cardCvc]", "123")
    page.keyboard.press("Enter")
    order_number(page)


def test_on_the_narrowest_phone(visit: Visit, keep: Keep) -> None:
    width = 320
    page = visit(width=width, height=640)

    def fits(name: str) -> None:
        keep(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    for path in ("/", "/products", ARTICLE, SHAMPOO, "/pages/terms", "/nowhere"):
        page.goto(path)
        fits(path.strip("/").replace("/", "-") or "home")
    add(page, SHAMPOO)
    fits("drawer")
    page.goto("/cart")
    fits("cart")
    page.goto("/checkout")
    fits("details")
    fill_details(page, "phone@example.com")
    fits("delivery")
    choose_standard_delivery(page)
    fits("payment")
    go_to_the_card_page(page)
    pay(page, GOOD_CARD)
    order_number(page)
    fits("order")


def test_the_other_currency(visit: Visit) -> None:
    page = visit()
    page.goto(COURSE)
    page.get_by_role("button", name=re.compile("^EUR")).click()
    expect(page.locator("main")).to_contain_text("€300.00 incl. tax")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.locator("#cart")).to_contain_text("Subtotal €300.00")
    page.goto("/cart")
    page.locator("main").get_by_role("link", name="Checkout").click()
    page.get_by_label("E-mail").fill("euro@example.com")
    page.get_by_label("First name").fill("Example")
    page.get_by_label("Last name").fill("Shopper")
    page.get_by_label("Country").select_option("DE")
    page.get_by_role("button", name="Continue to payment").click()
    expect(page.locator("main")).to_contain_text("Includes €47.90 tax")
    page.get_by_role("button", name="Pay €300.00").click()
    pay(page, GOOD_CARD)
    order_number(page)


def test_the_picture_follows_the_choice(visit: Visit) -> None:
    page = visit()
    page.goto("/products/silk-pillowcase")
    picture = page.locator(".gallery-main")
    before = picture.get_attribute("src")
    page.get_by_role("radio", name=re.compile("^Dusk blue")).check()
    expect(picture).to_have_attribute("alt", re.compile("dusk blue"))
    assert picture.get_attribute("src") != before


def test_searching_sorting_and_commenting_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit()
    page.goto("/products")
    tab_to(page, "#sort")
    page.keyboard.press("ArrowDown")
    tab_to(page, ".sort button")
    # Choosing alone leads nowhere: whoever walks through the choices would never reach the last one.
    expect(page).to_have_url(re.compile("/products$"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/products\?sort="))
    tab_to(page, "#search")
    page.keyboard.type("stem cell")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Results for “stem cell”")
    tab_to(page, ".reads a")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{ARTICLE}$"))
    tab_to(page, ".header [data-cart-open]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-cart-close]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".header [data-cart-open]")).to_be_focused()
    type_into(page, "#comments [name=authorName]", "Example reader")
    type_into(page, "#comments [name=email]", "keyboard-reader@example.com")
    type_into(page, "#comments textarea", "Written without a mouse.")
    tab_to(page, "#comments form button")
    page.keyboard.press("Enter")
    expect(page.locator("[data-comment-said]")).to_be_focused()


def mailed_link(page: Page, email: str, path: str) -> str:
    """The link in the one mail to this person."""
    mail = page.locator("article", has_text=f"To {email}")
    for _ in range(60):
        page.goto("/mailbox")
        if mail.count():
            break
        page.wait_for_timeout(250)
    link = re.search(rf"http://\S+{path}\S+", mail.inner_text())
    assert link
    return link[0]


def test_an_account_without_javascript_on_the_narrowest_phone(visit: Visit) -> None:
    email, password = "resident@example.com", "a short sentence"
    page = visit(javascript=False, width=320, height=640)
    page.goto("/account/register")
    page.get_by_label("First name").fill("Example")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Make my account").click()
    expect(page.locator("main")).to_contain_text(f"We have sent a link to {email}.")
    page.goto(mailed_link(page, email, "/account/confirm"))
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Confirm my account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Example")
    menu = page.get_by_role("navigation", name="Your account")
    menu.get_by_role("link", name="Addresses").click()
    page.get_by_role("link", name="Add an address").click()
    for field, value in ADDRESS.items():
        page.locator(f"#address-{field}").fill(value)
    page.locator("#address-country").select_option("US")
    page.get_by_role("button", name="Save the address").click()
    expect(page.locator("main")).to_contain_text("1 Example Street")
    menu.get_by_role("button", name="Sign out").click()
    page.locator(".burger summary").click()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill("something else")
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("is not right")
    page.get_by_label("Password").fill(password)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello Example")
    page.locator(".burger summary").click()
    page.get_by_role("searchbox").fill("shampoo")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("link", name="Gentle shampoo")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
