"""A foreign storefront keeps accounts: registering, logging in, addresses, the history of orders."""

from tests.api.accounts.mailbox import link_of, mails
from tests.compat.storefront import ADDRESS, Storefront, nodes
from tests.compat.test_buying import basket, pay
from tests.compat.world import CHANNEL, World
from tests.factories.payments import Desk

NEW = {
    "email": "new@example.com",
    "password": "a long enough one",
    "firstName": "Example",
    "lastName": "Customer",
    "redirectUrl": "http://shop.test/confirm",
    "channel": CHANNEL,
    "languageCode": "EN",
}


async def signed_up(storefront: Storefront, email: str = "new@example.com") -> None:
    """A confirmed account; its owner is logged in."""
    await storefront("Register", input=NEW | {"email": email})
    link = link_of((await mails(storefront.api))[-1])
    await storefront("Confirm", email=email, token=link["token"])
    storefront.token = (await storefront("LogIn", email=email, password=NEW["password"]))["token"]


async def test_from_the_first_form_to_a_session_that_stays(storefront: Storefront, world: World) -> None:
    made = await storefront("Register", input=NEW)
    assert made["user"]["email"] == "new@example.com"
    log_in = {"email": "new@example.com", "password": NEW["password"]}
    assert await storefront.refused("LogIn", **log_in) == [("email", "ACCOUNT_NOT_CONFIRMED")]
    (mail,) = await mails(storefront.api)
    assert mail.recipient == "new@example.com"
    link = link_of(mail)
    assert await storefront.refused("Confirm", email=link["email"], token="none") == [("token", "INVALID")]
    confirmed = await storefront("Confirm", email=link["email"], token=link["token"])
    assert confirmed["user"]["isConfirmed"] is True
    assert await storefront.refused("LogIn", **(log_in | {"password": "another one"})) == [
        ("email", "INVALID_CREDENTIALS")
    ]
    assert await storefront("Me") is None
    tokens = await storefront("LogIn", **log_in)
    storefront.token = (await storefront("StayIn", token=tokens["refreshToken"]))["token"]
    me = await storefront("Me")
    assert (me["email"], me["firstName"], me["isActive"], me["isConfirmed"]) == (
        "new@example.com",
        "Example",
        True,
        True,
    )
    assert (me["addresses"], me["defaultShippingAddress"]) == ([], None)


async def test_a_name_a_password_and_the_end(storefront: Storefront, world: World) -> None:
    await signed_up(storefront)
    changed = await storefront("ChangeMe", input={"firstName": "Another", "metadata": [{"key": "note", "value": "x"}]})
    assert (changed["user"]["firstName"], changed["user"]["metafield"]) == ("Another", "x")
    wrong = await storefront.refused("ChangePassword", old="not it", new="quite another one")
    assert wrong == [("oldPassword", "INVALID_CREDENTIALS")]
    await storefront("ChangePassword", old=NEW["password"], new="quite another one")
    storefront.token = (await storefront("LogIn", email="new@example.com", password="quite another one"))["token"]
    assert (await storefront("Me"))["firstName"] == "Another"
    await storefront("Leave", url="http://shop.test/gone")
    assert any("http://shop.test/gone" in mail.text for mail in await mails(storefront.api))


async def test_a_forgotten_password(storefront: Storefront, world: World) -> None:
    await signed_up(storefront)
    storefront.token = None
    await storefront("Forgot", email="new@example.com", url="http://shop.test/reset")
    (link,) = [link_of(mail) for mail in await mails(storefront.api) if "/reset" in mail.text]
    short = await storefront.refused("ChooseAnother", email=link["email"], token=link["token"], password="short")
    assert short == [("password", "PASSWORD_TOO_SHORT")]
    tokens = await storefront("ChooseAnother", email=link["email"], token=link["token"], password="a new long one")
    storefront.token = tokens["token"]
    assert (await storefront("Me"))["email"] == "new@example.com"
    # Whether there is an account is nobody else's business.
    assert (await storefront("Forgot", email="nobody@example.com", url="http://shop.test/reset"))["errors"] == []


async def test_an_address_book(storefront: Storefront, world: World) -> None:
    await signed_up(storefront)
    first = (await storefront("AddressAdd", input=ADDRESS, type="SHIPPING"))["address"]["id"]
    second = (await storefront("AddressAdd", input=ADDRESS | {"city": "Another City"}))["address"]["id"]
    me = await storefront("Me")
    # In capitals, as the American post wants them.
    assert [address["city"] for address in me["addresses"]] == ["EXAMPLE CITY", "ANOTHER CITY"]
    assert (me["defaultShippingAddress"], me["defaultBillingAddress"]) == ({"id": first}, None)
    me = (await storefront("AddressPrefer", id=second, type="BILLING"))["user"]
    assert (me["defaultShippingAddress"], me["defaultBillingAddress"]) == ({"id": first}, {"id": second})
    changed = await storefront("AddressChange", id=second, input=ADDRESS | {"city": "A Third City"})
    assert changed["address"]["city"] == "A THIRD CITY"
    assert await storefront.refused("AddressChange", id=second, input=ADDRESS | {"city": ""}) == [("city", "REQUIRED")]
    dropped = await storefront("AddressDrop", id=first)
    assert [address["id"] for address in dropped["user"]["addresses"]] == [second]
    assert dropped["user"]["defaultShippingAddress"] is None
    assert await storefront.refused("AddressDrop", id=first) == [("id", "NOT_FOUND")]
    counts = {}
    for number in (1, 20):
        while len((await storefront("Me"))["addresses"]) < number:
            await storefront("AddressAdd", input=ADDRESS)
        counts[number] = storefront.statements
    assert counts[1] == counts[20], counts


async def test_the_history_of_orders(storefront: Storefront, desk: Desk, world: World) -> None:
    await signed_up(storefront)
    bought = []
    for _ in range(2):
        made = await basket(storefront, world.appointment)
        assert made["user"]["email"] == "new@example.com"
        await storefront("BasketEmail", id=made["id"], email="new@example.com")
        await storefront("BasketBillTo", id=made["id"], address=ADDRESS)
        await pay(storefront, desk, made["id"])
        bought.append((await storefront("BasketOrder", id=made["id"]))["order"]["id"])
    history = (await storefront("MyOrders"))["orders"]
    single = storefront.statements
    newest_first = [order["id"] for order in nodes(history)]
    assert set(newest_first) == set(bought)
    assert history["totalCount"] == 2
    receipt = nodes(history)[0]
    # One's own orders are shown whole.
    assert receipt["userEmail"] == "new@example.com"
    assert receipt["billingAddress"]["streetAddress1"] == "1 Example Street"
    page = (await storefront("MyOrders", first=1))["orders"]
    assert storefront.statements == single
    assert page["pageInfo"]["hasNextPage"] is True
    rest = (await storefront("MyOrders", first=1, after=page["pageInfo"]["endCursor"]))["orders"]
    assert [order["id"] for order in nodes(page) + nodes(rest)] == newest_first


async def test_an_outside_provider_is_told_apart(storefront: Storefront, world: World) -> None:
    for name in ("OtherLogInUrl", "OtherLogIn"):
        assert await storefront.refused(name, plugin="none", input="{}") == [("pluginId", "NOT_FOUND")]


async def test_a_basket_goes_with_its_owner_and_stays_without(storefront: Storefront, world: World) -> None:
    key = (await basket(storefront, world.bottle))["id"]
    await signed_up(storefront)
    taken = await storefront("BasketTake", id=key)
    assert taken["checkout"]["user"]["email"] == "new@example.com"
    assert taken["checkout"]["email"] == "new@example.com"
    owner, storefront.token = storefront.token, None
    assert await storefront("BasketRead", id=key) is None
    storefront.token = owner
    assert (await storefront("BasketLeave", id=key))["checkout"]["user"] is None
    storefront.token = None
    assert [line["variant"]["id"] for line in (await storefront("BasketRead", id=key))["lines"]] == [world.bottle]
