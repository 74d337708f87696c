"""Signing in, the account's pages, and what the browser keeps of it."""

import httpx
import pytest

from tests.storefront.browsing import put, ready, words
from tests.storefront.fake import FakeShop
from tests.storefront.people import EMAIL, PASSWORD
from tests.storefront.visits import visit_at

ADDRESS = {
    "address.firstName": "Example",
    "address.lastName": "Shopper",
    "address.streetAddress1": "1 Example Street",
    "address.city": "Exampletown",
    "address.postalCode": "10001",
    "address.countryArea": "NY",
    "address.country": "US",
}


async def sign_in(client: httpx.AsyncClient, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await client.post("/account/sign-in", data={"email": EMAIL, "password": password, **more})


async def test_signing_in_keeps_two_tokens_that_no_script_reads(browser_like: httpx.AsyncClient) -> None:
    answer = await sign_in(browser_like, next="/cart")
    assert (answer.status_code, answer.headers["location"]) == (303, "/cart")
    cookies = {cookie.partition("=")[0]: cookie for cookie in answer.headers.get_list("set-cookie")}
    for name, seconds in (("shop_access", 270), ("shop_refresh", 30 * 24 * 3600)):
        assert "HttpOnly" in cookies[name]
        assert "SameSite=lax" in cookies[name]
        assert f"Max-Age={seconds};" in cookies[name]
    page = await browser_like.get("/account")
    assert "Hello Example" in words(page)
    assert "You have not ordered anything yet." in words(page)
    assert page.headers["cache-control"] == "no-store"


async def test_a_wrong_password_says_nothing_about_who_has_an_account(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    answer = await sign_in(browser_like, "something else")
    assert answer.status_code == 422
    assert "The e-mail or the password is not right" in words(answer)
    assert f'value="{EMAIL}"' in answer.text
    assert "something else" not in answer.text
    assert not answer.headers.get_list("set-cookie")
    fake.delayed = True
    assert "Try again in 8 seconds." in words(await sign_in(browser_like))


async def test_where_to_go_after_signing_in_is_a_page_of_this_shop(browser_like: httpx.AsyncClient) -> None:
    answer = await sign_in(browser_like, next="https://elsewhere.example/")
    assert answer.headers["location"] == "/account"


@pytest.mark.parametrize(
    "path", ["", "/orders", "/addresses", "/addresses/new", "/addresses/A1", "/settings", "/new-email", "/delete"]
)
async def test_guests_are_led_to_the_door_and_back(browser_like: httpx.AsyncClient, path: str) -> None:
    answer = await browser_like.get(f"/account{path}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/account/sign-in?next=%2Faccount{path.replace('/', '%2F')}"


async def test_guests_change_nothing(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    answer = await browser_like.post("/account/settings/name", data={"firstName": "Mallory"})
    assert answer.headers["location"] == "/account/sign-in?next=%2Faccount"
    assert "AccountUpdate" not in fake.operations


async def test_an_access_token_that_ran_out_is_renewed_unseen(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await sign_in(browser_like)
    browser_like.cookies.delete("shop_access")
    fake.operations.clear()
    page = await browser_like.get("/account")
    assert "Hello Example" in words(page)
    assert fake.operations[0] == "TokenRefresh"
    assert fake.operations.count("TokenRefresh") == 1
    assert browser_like.cookies["shop_access"] == "access-2"


async def test_a_session_that_was_ended_elsewhere_ends_here(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await sign_in(browser_like)
    fake.end_sessions()
    page = await browser_like.get("/")
    assert "Sign in" in words(page)
    assert "shop_refresh" not in browser_like.cookies
    await sign_in(browser_like)
    fake.end_sessions()
    browser_like.cookies.delete("shop_access")
    answer = await browser_like.get("/account/orders")
    assert answer.headers["location"].startswith("/account/sign-in")
    assert "shop_refresh" not in browser_like.cookies


async def test_carts_go_with_who_signs_in_and_out_of_sight_with_who_leaves(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    await put(browser_like, "gentle-shampoo-1")
    await sign_in(browser_like)
    assert fake.attached == list(fake.checkouts)
    assert "Subtotal $18.00" in words(await browser_like.get("/"))
    answer = await browser_like.post("/account/sign-out")
    assert answer.headers["location"] == "/"
    assert "shop_refresh" not in browser_like.cookies
    assert "Subtotal $0.00" in words(await browser_like.get("/"))


async def test_what_is_shared_between_visitors_is_asked_for_as_a_guest(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    # The channels are kept for everybody: staff may see more of them than shoppers.
    browser_like.cookies.set("shop_refresh", "refresh-1")
    browser_like.cookies.set("shop_access", "access-1")
    fake.access.add("access-1")
    asked: dict[str, str | None] = {}
    channel = fake.channel

    def noted(info: object, slug: str) -> dict[str, object] | None:
        asked[slug] = fake.token
        return channel(info, slug)

    fake.channel = noted  # type: ignore[method-assign]
    await browser_like.get("/account")
    assert asked == {"default-channel": None, "europe": None}


async def test_registering_answers_with_a_mail_and_its_link_with_a_question(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    form = {"firstName": "Ada", "lastName": "", "email": "ada@example.com", "password": "short"}
    answer = await browser_like.post("/account/register", data=form)
    assert answer.status_code == 422
    assert "Password: This password is too short." in words(answer)
    answer = await browser_like.post("/account/register", data=form | {"password": "a long sentence"})
    assert "We have sent a link to ada@example.com." in words(answer)
    assert fake.mailed == ["http://shop.test/account/confirm"]

    link = {"email": "ada@example.com", "token": "good"}
    page = await browser_like.get("/account/confirm", params=link)
    assert "ConfirmAccount" not in fake.operations
    assert page.headers["referrer-policy"] == "same-origin"
    wrong = await browser_like.post("/account/confirm", data=link | {"password": "another one"})
    assert "Password: This is not the password." in words(wrong)
    ended = await browser_like.post("/account/confirm", data=link | {"token": "old", "password": "a long sentence"})
    assert "This link has ended or was used." in words(ended)
    answer = await browser_like.post("/account/confirm", data=link | {"password": "a long sentence"})
    assert answer.headers["location"] == "/account"
    assert "Hello Ada" in words(await browser_like.get("/account"))


async def test_a_forgotten_password(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    answer = await browser_like.post("/account/forgotten", data={"email": "nobody@example.com"})
    assert "If there is an account for nobody@example.com" in words(answer)
    assert fake.mailed == ["http://shop.test/account/new-password"]
    link = {"email": EMAIL, "token": "good", "password": "another sentence"}
    assert (await browser_like.post("/account/new-password", data=link | {"token": "old"})).status_code == 422
    answer = await browser_like.post("/account/new-password", data=link)
    assert answer.headers["location"] == "/account"
    assert fake.password == "another sentence"
    assert "Your password is changed" in words(await browser_like.get("/account"))


async def test_orders_twenty_at_a_time(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    for _ in range(21):
        await ready(browser_like)
        fake.checkoutComplete(None, next(iter(fake.checkouts)))
    await sign_in(browser_like)
    page = await browser_like.get("/account/orders")
    assert words(page).count("1 × Course of 3 consultations") == 20
    assert "Older orders" in words(page)
    page = await browser_like.get("/account/orders?after=20")
    assert words(page).count("1 × Course of 3 consultations") == 1
    assert "Older orders" not in words(page)


async def test_the_account_begins_with_what_comes_next(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await sign_in(browser_like)
    assert "Your next visits" not in words(await browser_like.get("/account"))
    fake.visit = visit_at(fake.starts[0])
    page = words(await browser_like.get("/account"))
    assert "Your next visits First consultation" in page
    fake.visit |= {"status": "CANCELLED"}
    assert "Your next visits" not in words(await browser_like.get("/account"))


async def test_orders_are_told_in_a_buyers_words(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await ready(browser_like)
    fake.checkoutComplete(None, next(iter(fake.checkouts)))
    (order,) = fake.orders.values()
    await sign_in(browser_like)
    assert "1 March 2026 · Paid" in words(await browser_like.get("/account/orders"))
    order["isPaid"] = False
    assert "1 March 2026 · Not paid yet" in words(await browser_like.get("/account/orders"))
    order |= {"isPaid": True, "shippingAddress": {"id": "A1"}}
    assert "1 March 2026 · In preparation" in words(await browser_like.get("/account/orders"))


async def test_the_address_book(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await sign_in(browser_like)
    answer = await browser_like.post("/account/addresses/new", data=ADDRESS | {"address.postalCode": ""})
    assert answer.status_code == 422
    assert "Postal code: This field is required." in words(answer)
    assert 'value="Exampletown"' in answer.text
    await browser_like.post("/account/addresses/new", data=ADDRESS)
    assert "1 Example Street Exampletown NY 10001" in words(await browser_like.get("/account/addresses"))
    # What is emptied is sent as empty.
    await browser_like.post("/account/addresses/A1", data=ADDRESS | {"address.countryArea": ""})
    assert fake.sent("AccountAddressUpdate")["input"]["countryArea"] == ""
    await browser_like.post("/account/addresses/A1/prefer", data={"for": "shipping"})
    assert fake.addresses["A1"]["isDefaultShippingAddress"] is True
    assert (await browser_like.post("/account/addresses/A1/prefer", data={"for": "mars"})).status_code == 404
    assert (await browser_like.get("/account/addresses/A9")).status_code == 404
    await browser_like.post("/account/addresses/A1/remove")
    assert fake.addresses == {}
    await browser_like.post("/account/addresses/A1/remove")
    assert "There is no such address." in words(await browser_like.get("/account/addresses"))


async def test_the_checkout_begins_with_the_customers_own_address(
    browser_like: httpx.AsyncClient, fake: FakeShop
) -> None:
    await sign_in(browser_like)
    await browser_like.post("/account/addresses/new", data=ADDRESS)
    await browser_like.post("/account/addresses/A1/prefer", data={"for": "shipping"})
    await put(browser_like, "gentle-shampoo-1")
    page = await browser_like.get("/checkout/details")
    assert f'value="{EMAIL}"' in page.text
    assert 'value="1 Example Street"' in page.text
    assert "You have an account?" not in page.text


async def test_settings(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await sign_in(browser_like)
    await browser_like.post("/account/settings/name", data={"firstName": "Grace", "lastName": "Shopper"})
    assert "Hello Grace" in words(await browser_like.get("/account"))

    wrong = await browser_like.post("/account/settings/password", data={"oldPassword": "x", "newPassword": "y" * 9})
    assert "Current password: Old password isn't valid." in words(wrong)
    await browser_like.post("/account/settings/password", data={"oldPassword": PASSWORD, "newPassword": "y" * 9})
    assert fake.password == "y" * 9
    assert "Your password is changed." in words(await browser_like.get("/account/settings"))

    form = {"newEmail": "new@example.com", "password": "y" * 9}
    await browser_like.post("/account/settings/email", data=form)
    assert fake.mailed == ["http://shop.test/account/new-email"]
    assert "ConfirmEmailChange" not in fake.operations
    assert (await browser_like.get("/account/new-email?token=good")).status_code == 200
    assert (await browser_like.post("/account/new-email", data={"token": "old"})).status_code == 422
    await browser_like.post("/account/new-email", data={"token": "good"})
    assert "new@example.com" in words(await browser_like.get("/account/settings"))

    await browser_like.post("/account/settings/delete")
    assert fake.mailed[1:] == ["http://shop.test/account/delete"]
    answer = await browser_like.post("/account/delete", data={"token": "good"})
    assert answer.headers["location"] == "/"
    assert "Your account is deleted." in words(await browser_like.get("/"))
    assert "shop_refresh" not in browser_like.cookies
