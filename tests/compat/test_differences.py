"""What differs from Saleor is what docs/storefront.md says: each row of its table is a test here, by its id."""

import re
from datetime import timedelta
from pathlib import Path

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.api.core.schema import make_schema
from shop.api.core.uploads import UploadedFile
from shop.kit import clock, ids
from tests import factories as make
from tests.api.accounts.mailbox import guest_order, link_of, mails
from tests.api.client import Api
from tests.compat.storefront import ADDRESS, Storefront
from tests.compat.test_accounts import NEW
from tests.compat.test_buying import FORM, GATEWAY, basket, pay
from tests.compat.world import World
from tests.factories.payments import Desk

GUIDE = Path(__file__).resolve().parents[2] / "docs/storefront.md"
SCHEMA = make_schema()._schema


def test_each_row_of_the_guide_has_its_test() -> None:
    table = GUIDE.read_text(encoding="utf-8").partition("## What is different")[2]
    ids = re.findall(r"^\| `([a-z-]+)` \|", table, flags=re.MULTILINE)
    assert len(ids) == len(set(ids))
    tests = {name.removeprefix("test_differs_").replace("_", "-") for name in globals() if "test_differs_" in name}
    assert set(ids) == tests


def test_differs_apps() -> None:
    assert SCHEMA.query_type
    assert SCHEMA.mutation_type
    assert not {"app", "apps", "webhook"} & set(SCHEMA.query_type.fields)
    assert not {"appCreate", "webhookCreate", "createWarehouse"} & set(SCHEMA.mutation_type.fields)


async def test_differs_gateway(storefront: Storefront, world: World) -> None:
    made = await basket(storefront, world.bottle)
    # The gateway that pretends is for development alone; these tests run as `test`.
    assert [gateway["id"] for gateway in made["availablePaymentGateways"]] == [GATEWAY]


async def test_differs_open_payment(storefront: Storefront, desk: Desk, world: World) -> None:
    key = await _ready(storefront, world)
    first = await storefront("PayStart", id=key, gateway=FORM)
    assert (await storefront("PayStart", id=key, gateway=FORM))["transaction"]["id"] == first["transaction"]["id"]
    other = await storefront("PayStart", id=key, gateway=FORM, amount=20)
    assert other["transaction"]["id"] != first["transaction"]["id"]
    assert await desk.rows("SELECT status FROM payment_transaction ORDER BY status") == [("CANCELLED",), ("OPEN",)]


async def test_differs_order_again(storefront: Storefront, desk: Desk, world: World) -> None:
    key = await _ready(storefront, world)
    await pay(storefront, desk, key)
    order = await storefront("BasketOrder", id=key)
    assert await storefront("BasketOrder", id=key) == order


async def _ready(storefront: Storefront, world: World) -> str:
    """A basket that lacks nothing but its payment."""
    key: str = (await basket(storefront, world.appointment))["id"]
    await storefront("BasketEmail", id=key, email="guest@example.com")
    await storefront("BasketBillTo", id=key, address=ADDRESS)
    return key


async def test_differs_guest_orders(storefront: Storefront, world: World) -> None:
    order = await guest_order(storefront.api, NEW["email"])
    await storefront("Register", input=NEW)
    (mail,) = await mails(storefront.api)
    await storefront("Confirm", email=NEW["email"], token=link_of(mail)["token"])
    storefront.token = (await storefront("LogIn", email=NEW["email"], password=NEW["password"]))["token"]
    assert (await storefront("MyOrders"))["orders"]["totalCount"] == 0
    await storefront("Forgot", email=NEW["email"], url="http://shop.test/reset")
    (link,) = [link_of(mail) for mail in await mails(storefront.api) if "/reset" in mail.text]
    chosen = await storefront("ChooseAnother", email=NEW["email"], token=link["token"], password="a new long one")
    storefront.token = chosen["token"]
    found = (await storefront("MyOrders"))["orders"]
    assert [edge["node"]["id"] for edge in found["edges"]] == [order]


async def test_differs_verify(api: Api) -> None:
    reply = await api('mutation { tokenVerify(token: "x") { isValid errors { code } } }')
    assert reply.data["tokenVerify"] == {"isValid": False, "errors": []}


async def test_differs_outside_log_in(storefront: Storefront) -> None:
    for name in ("OtherLogInUrl", "OtherLogIn"):
        assert await storefront.refused(name, plugin="none", input="{}") == [("pluginId", "NOT_FOUND")]


async def test_differs_one_log_in(api: Api) -> None:
    log_in = 'tokenCreate(email: "a@example.com", password: "x") { token }'
    assert (await api(f"mutation {{ a: {log_in} }}")).status == 200
    assert (await api(f"mutation {{ a: {log_in} b: {log_in} }}")).status == 400
    end = "tokensDeactivateAll { errors { code } }"
    assert (await api(f"mutation {{ a: {end} b: {end} c: {end} d: {end} }}")).status == 200
    assert (await api(f"mutation {{ a: {end} b: {end} c: {end} d: {end} e: {end} }}")).status == 400


async def test_differs_batches(api: Api) -> None:
    body = orjson.dumps([{"query": "{ shop { name } }"}])
    assert (await api.raw("POST", body, {"Content-Type": "application/json"})).status_code == 400


async def test_differs_uploads(api: Api) -> None:
    token = await api.login("staff@example.com", is_staff=True)
    store = "mutation ($file: Upload!) { fileUpload(file: $file) { errors { code } } }"
    for content in (b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        reply = await api(store, {"file": UploadedFile("any.png", content)}, token=token)
        assert reply.data == {"fileUpload": {"errors": [{"code": "UNSUPPORTED_MIME_TYPE"}]}}


async def test_differs_metadata(storefront: Storefront, world: World) -> None:
    key = (await basket(storefront, world.bottle))["id"]

    async def written(number: int, key_length: int, value_length: int) -> bool:
        entries = [{"key": f"{i:0{key_length}}", "value": "x" * value_length} for i in range(number)]
        return not (await storefront.attempt("BasketNote", id=key, input=entries))["errors"]

    assert not await written(1, 257, 1)
    assert not await written(1, 256, 10_001)
    assert not await written(101, 5, 1)
    assert await written(100, 5, 1)


async def test_differs_pages(api: Api, world: World) -> None:
    query = """
    query ($channel: String) {
      page(slug: "about", channel: $channel) { title }
      pages(first: 5, channel: $channel) { edges { node { slug } } }
    }
    """
    everywhere = (await api(query, {"channel": None})).data
    assert everywhere["page"] == {"title": "About"}
    assert (await api(query, {"channel": "nowhere"})).data == everywhere


def test_differs_pick_up() -> None:
    assert [one.name for one in SCHEMA.type_map["DeliveryMethod"].types] == ["ShippingMethod"]  # type: ignore[attr-defined]


async def test_differs_vouchers(storefront: Storefront, api: Api, desk: Desk, world: World) -> None:
    async def limited(session: AsyncSession) -> None:
        await make.voucher(session, world.channel, code="Spring", ends_at=clock.now() + timedelta(hours=1))

    await desk.database.run(limited)
    key = await _ready(storefront, world)
    add = """
    mutation ($id: ID!) {
      checkoutAddPromoCode(id: $id, promoCode: "sPRING") { checkout { voucherCode discount { amount } } }
    }
    """
    taken = (await api(add, {"id": key})).data["checkoutAddPromoCode"]["checkout"]
    assert taken["voucherCode"] == "Spring"
    assert taken["discount"]["amount"] > 0
    await desk.database.run(lambda session: session.execute(text("UPDATE discount_voucher SET ends_at = now()")))
    read = "query ($id: ID!) { checkout(id: $id) { voucherCode discount { amount } } }"
    assert (await api(read, {"id": key})).data["checkout"] == {"voucherCode": "Spring", "discount": {"amount": 0.0}}
    pay_it = """
    mutation ($id: ID!, $gateway: PaymentGatewayToInitialize!) {
      transactionInitialize(id: $id, paymentGateway: $gateway) { transaction { id } errors { field code } }
    }
    """
    refused = (await api(pay_it, {"id": key, "gateway": FORM})).data["transactionInitialize"]
    assert refused == {"transaction": None, "errors": [{"field": "id", "code": "INVALID"}]}
    assert await desk.rows("SELECT count(*) FROM payment_transaction") == [(0,)]


async def test_differs_gift_cards(storefront: Storefront, api: Api, desk: Desk, world: World) -> None:
    card = await desk.database.run(lambda session: make.gift_card(session, "1000.00"))
    key = await _ready(storefront, world)
    add = """
    mutation ($id: ID!, $code: String!) {
      checkoutAddPromoCode(id: $id, promoCode: $code) {
        checkout { totalPrice { ...Sum } subtotalPrice { ...Sum } shippingPrice { ...Sum } }
      }
    }
    fragment Sum on TaxedMoney { gross { amount } }
    """
    prices = (await api(add, {"id": key, "code": card.code})).data
    read = prices["checkoutAddPromoCode"]["checkout"]
    assert read["totalPrice"]["gross"]["amount"] == 0
    whole = read["subtotalPrice"]["gross"]["amount"] + read["shippingPrice"]["gross"]["amount"]
    place = """
    mutation ($id: ID!) {
      checkoutComplete(id: $id) { order { isPaid total { gross { amount } } giftCards { code } } errors { code } }
    }
    """
    order = (await api(place, {"id": key})).data["checkoutComplete"]["order"]
    assert order == {
        "isPaid": True,
        "total": {"gross": {"amount": whole}},
        "giftCards": [{"code": f"****-****-****-{card.code[-4:]}"}],
    }


async def test_differs_cancelled(storefront: Storefront, api: Api, desk: Desk, world: World) -> None:
    card = await desk.database.run(lambda session: make.gift_card(session, "1000.00"))
    await desk.database.run(lambda session: make.voucher(session, world.channel, code="Spring", single_use=True))
    key = await _ready(storefront, world)
    for code in (card.code, "Spring"):
        await storefront("BasketPromo", id=key, code=code)
    order = (await storefront("BasketOrder", id=key))["order"]["id"]
    left = "SELECT current_amount, (SELECT sum(used) FROM discount_voucher) FROM giftcard_card"
    ((balance, uses),) = await desk.rows(left)
    assert balance < 1000
    assert uses == 1
    cancel = "mutation ($id: ID!) { orderCancel(id: $id) { order { status } errors { code } } }"
    done = await api(cancel, {"id": order}, token=await api.login("clerk@example.com", "MANAGE_ORDERS"))
    assert done.data["orderCancel"] == {"order": {"status": "CANCELED"}, "errors": []}
    assert await desk.rows(left) == [(1000, 0)]


async def test_differs_no_category(api: Api, world: World) -> None:
    token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    key = ids.encode("Category", world.shampoo.category_id or 0)
    gone = "mutation ($id: ID!) { categoryDelete(id: $id) { errors { code } } }"
    assert (await api(gone, {"id": key}, token=token)).data == {"categoryDelete": {"errors": []}}
    shown = '{ product(slug: "shampoo", channel: "default-channel") { category { slug } isAvailable } }'
    assert (await api(shown)).data == {"product": {"category": None, "isAvailable": True}}


async def test_differs_unpriced(api: Api, world: World) -> None:
    token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    async with api.database.unit() as session:
        channel = ids.encode("Channel", (await make.channel(session, slug="other")).id)
    add = """
    mutation ($id: ID!, $input: ProductChannelListingUpdateInput!) {
      productChannelListingUpdate(id: $id, input: $input) { errors { code } }
    }
    """
    listing = {"channelId": channel, "isPublished": True, "addVariants": [world.bottle]}
    key = ids.encode("Product", world.shampoo.id)
    listed = await api(add, {"id": key, "input": {"updateChannels": [listing]}}, token=token)
    assert listed.data == {"productChannelListingUpdate": {"errors": []}}
    read = "query ($id: ID!) { productVariant(id: $id) { channelListings { channel { slug } } } }"
    found = (await api(read, {"id": world.bottle}, token=token)).data["productVariant"]["channelListings"]
    assert found == [{"channel": {"slug": "default-channel"}}]


async def test_differs_still_needed(api: Api, world: World) -> None:
    token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    await _promise(api, world)
    gone = "mutation ($id: ID!) { productVariantDelete(id: $id) { errors { field code } } }"
    refused = (await api(gone, {"id": world.bottle}, token=token)).data
    assert refused == {"productVariantDelete": {"errors": [{"field": "id", "code": "INVALID"}]}}


async def test_differs_promised(api: Api, world: World) -> None:
    token = await api.login("staff@example.com", "MANAGE_PRODUCTS")
    await _promise(api, world)
    count = """
    mutation ($id: ID!, $stocks: [StockInput!]!) {
      productVariantStocksUpdate(variantId: $id, stocks: $stocks) { errors { field code } }
    }
    """
    stock = {"warehouse": ids.encode("Warehouse", world.warehouse.id), "quantity": 2}
    refused = (await api(count, {"id": world.bottle, "stocks": [stock]}, token=token)).data
    assert refused == {"productVariantStocksUpdate": {"errors": [{"field": "quantity", "code": "INVALID"}]}}


async def _promise(api: Api, world: World) -> None:
    """Orders were promised three bottles."""
    async with api.database.unit() as session:
        await session.execute(
            text("UPDATE stock_stock SET quantity_allocated = 3 WHERE variant_id = :id"), {"id": world.variants[0].id}
        )


async def test_differs_blocks(api: Api) -> None:
    async with api.database.unit() as session:
        content = {"blocks": [{"type": "disclaimer", "data": {"text": "No advice."}}]}
        await make.page(session, slug="article", content=content)
    told = (await api('{ page(slug: "article") { content } }')).data["page"]["content"]
    assert orjson.loads(told)["blocks"] == [
        {"type": "quote", "data": {"text": "No advice.", "caption": "", "alignment": "left"}}
    ]


async def test_differs_page_attributes(api: Api) -> None:
    async with api.database.unit() as session:
        kind = await make.page_type(session)
        attribute = await make.attribute(session, kind, input_type="DROPDOWN")
    writer = await api.login("writer@example.com", "MANAGE_PAGES")
    document = "mutation Write($input: PageCreateInput!) { pageCreate(input: $input) { errors { field code } } }"
    given = {"id": ids.encode("Attribute", attribute.id), "numeric": "1"}
    page = {"title": "A", "pageType": ids.encode("PageType", kind.id), "attributes": [given]}
    refused = (await api(document, {"input": page}, token=writer)).data["pageCreate"]
    assert refused == {"errors": [{"field": "attributes", "code": "INVALID"}]}


async def test_differs_html(api: Api, world: World) -> None:
    assert (await api('{ page(slug: "about") { contentHtml } }')).data == {"page": {"contentHtml": "<p>Hello</p>"}}
