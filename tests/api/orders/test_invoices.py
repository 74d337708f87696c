"""Invoices: numbered without gaps, made by a job, read through links that end."""

import asyncio
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.routing import Route

from shop.jobs import JobContext, jobs
from shop.kit import clock, ids
from shop.kit.db import Database
from shop.kit.settings import Settings
from shop.orders import actions
from shop.orders.actions import By
from shop.orders.models import Invoice
from shop.orders.pdf import invoice_pdf
from shop.orders.rules import invoice_link, invoice_of_link
from shop.orders.sheet import InvoiceLine, Sheet, TaxShare
from shop.site.models import SiteSettings
from shop.web.invoices import Invoices
from tests import factories as make
from tests.api.client import Api
from tests.factories.orders import Placed, unpaid_order
from tests.factories.payments import Desk

SECRET = "a secret of the test that is long enough"
REQUEST = """
mutation ($id: ID!, $number: String) {
  invoiceRequest(orderId: $id, number: $number) {
    errors { field code } invoiceErrors { code }
    invoice { id number status url externalUrl message createdAt updatedAt metadata { key } order { id } }
    order { id invoices { number status } }
  }
}
"""
SEND = "mutation ($id: ID!) { invoiceSendNotification(id: $id) { errors { field code } invoice { id } } }"
READ = "query ($id: ID!) { order(id: $id) { invoices { number status url } } }"
EVENTS = "query ($id: ID!) { order(id: $id) { events { type invoiceNumber } } }"
YEAR = clock.now().year


@pytest.fixture
def paying_settings(paying_settings: Settings, tmp_path: Path) -> Settings:
    """The settings of a shop that has a secret, and a media folder of the test's own."""
    return paying_settings.model_validate(
        paying_settings.model_dump() | {"secret_key": SECRET, "media_folder": tmp_path}
    )


@pytest.fixture
async def clerk(api: Api) -> str:
    """Somebody who manages orders."""
    return await api.login("clerk@example.com", "MANAGE_ORDERS")


async def work(desk: Desk) -> None:
    """The jobs have run."""
    assert "orders.make_invoice" in await desk.work()


async def fetch(desk: Desk, url: str) -> httpx.Response:
    """What a browser gets at the address."""
    served = Starlette(routes=[Route("/invoices/{link}", Invoices(desk.settings, desk.database).__call__)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=served), base_url="http://shop.test") as client:
        return await client.get(url)


async def test_an_order_is_billed(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    asked = (await api(REQUEST, {"id": placed.id}, token=clerk)).data["invoiceRequest"]
    assert (asked["errors"], asked["invoiceErrors"]) == ([], [])
    invoice = asked["invoice"]
    assert (invoice["number"], invoice["status"], invoice["url"]) == (f"{YEAR}-000001", "PENDING", None)
    assert invoice["order"] == {"id": placed.id}
    assert asked["order"]["invoices"] == [{"number": f"{YEAR}-000001", "status": "PENDING"}]
    await work(desk)
    seen = (await api(READ, {"id": placed.id}, token=clerk)).data["order"]["invoices"]
    assert [one["status"] for one in seen] == ["SUCCESS"]
    url = seen[0]["url"]
    assert re.fullmatch(r"http://[^/]+/invoices/\d+\.\d+\.[\w-]{43}", url)
    response = await fetch(desk, url)
    assert response.status_code == 200
    assert response.content.startswith(b"%PDF-1.")
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["content-disposition"] == f'attachment; filename="invoice-{YEAR}-000001.pdf"'
    assert response.headers["cache-control"] == "private, no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    events = (await api(EVENTS, {"id": placed.id}, token=clerk)).data["order"]["events"]
    assert [(event["type"], event["invoiceNumber"]) for event in events[-2:]] == [
        ("INVOICE_REQUESTED", f"{YEAR}-000001"),
        ("INVOICE_GENERATED", f"{YEAR}-000001"),
    ]


async def test_an_order_is_billed_once_and_numbers_count_up(api: Api, desk: Desk, clerk: str) -> None:
    first = await desk.database.run(unpaid_order)
    second = await desk.database.run(lambda session: unpaid_order(session, of=first.shop))
    numbers = []
    for placed in (first, first, second):
        asked = (await api(REQUEST, {"id": placed.id}, token=clerk)).data["invoiceRequest"]
        numbers.append(asked["invoice"]["number"])
    assert numbers == [f"{YEAR}-000001", f"{YEAR}-000001", f"{YEAR}-000002"]
    own = (await api(REQUEST, {"id": first.id, "number": "BOOKS-7"}, token=clerk)).data["invoiceRequest"]
    assert own["invoice"]["number"] == "BOOKS-7"
    assert await desk.scalar("SELECT count(*) FROM order_invoice") == 3


async def test_a_file_that_could_not_be_made_is_tried_again(
    api: Api, desk: Desk, clerk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = await desk.database.run(unpaid_order)
    await api(REQUEST, {"id": placed.id}, token=clerk)
    invoice = await desk.scalar("SELECT id FROM order_invoice")
    job = jobs()["orders.make_invoice"].handler

    def broken(_: object) -> bytes:
        raise OSError("no room")

    with monkeypatch.context() as broken_disk:
        broken_disk.setattr("shop.orders.pdf.invoice_pdf", broken)
        with pytest.raises(OSError, match="no room"):
            await job(JobContext(desk.database, desk.settings), invoice_id=invoice)
    assert await desk.rows("SELECT status, message FROM order_invoice") == [("FAILED", "OSError: no room")]
    again = (await api(REQUEST, {"id": placed.id}, token=clerk)).data["invoiceRequest"]["invoice"]
    assert (again["number"], again["status"]) == (f"{YEAR}-000001", "PENDING")
    await job(JobContext(desk.database, desk.settings), invoice_id=invoice)
    await job(JobContext(desk.database, desk.settings), invoice_id=invoice)
    assert await desk.rows("SELECT status, message FROM order_invoice") == [("SUCCESS", None)]
    assert await desk.scalar("SELECT count(*) FROM order_event WHERE type = 'INVOICE_GENERATED'") == 1


@pytest.mark.parametrize(
    ("order", "number", "field", "code"),
    [
        ("draft", None, "orderId", "NOT_FOUND"),
        ("unconfirmed", None, "orderId", "INVALID_STATUS"),
        ("no address", None, "orderId", "NOT_READY"),
        ("unknown", None, "orderId", "NOT_FOUND"),
        ("malformed", None, "orderId", "NOT_FOUND"),
        ("placed", f"{YEAR}-000009", "number", "INVALID_STATUS"),
        ("placed", " ", "number", "INVALID_STATUS"),
        ("placed", "TAKEN", "number", "INVALID_STATUS"),
    ],
)
async def test_what_cannot_be_billed(
    api: Api, desk: Desk, clerk: str, order: str, number: str | None, field: str, code: str
) -> None:
    placed = await desk.database.run(unpaid_order)
    await desk.rows("INSERT INTO order_invoice (order_id, number) VALUES (:id, 'TAKEN') RETURNING 1", id=placed.key)
    changes = {
        "draft": "status = 'DRAFT'",
        "unconfirmed": "status = 'UNCONFIRMED'",
        "no address": "billing_address_id = NULL",
    }
    if order in changes:
        await desk.rows(f"UPDATE order_order SET {changes[order]} RETURNING 1")
    named = {"unknown": ids.encode("Order", uuid.UUID(int=7)), "malformed": "abc"}
    reply = await api(REQUEST, {"id": named.get(order, placed.id), "number": number}, token=clerk)
    assert reply.data["invoiceRequest"]["errors"] == [{"field": field, "code": code}]
    assert await desk.scalar("SELECT count(*) FROM order_invoice") == 1
    assert await desk.scalar("SELECT count(*) FROM order_invoice_counter") == 0


async def test_the_buyer_is_sent_a_link(api: Api, desk: Desk, clerk: str) -> None:
    placed = await desk.database.run(unpaid_order)
    asked = (await api(REQUEST, {"id": placed.id}, token=clerk)).data["invoiceRequest"]["invoice"]
    early = (await api(SEND, {"id": asked["id"]}, token=clerk)).data["invoiceSendNotification"]
    assert early["errors"] == [{"field": "invoice", "code": "NOT_READY"}]
    await work(desk)
    sent = (await api(SEND, {"id": asked["id"]}, token=clerk)).data["invoiceSendNotification"]
    assert sent == {"errors": [], "invoice": {"id": asked["id"]}}
    text = await desk.scalar("SELECT text FROM mail_message WHERE dedupe_key LIKE 'order-invoice%'")
    found = re.search(r"http://\S+/invoices/\S+", text)
    assert found is not None
    assert (await fetch(desk, found[0])).status_code == 200
    await desk.rows("UPDATE order_order SET email = '' RETURNING 1")
    nobody = (await api(SEND, {"id": asked["id"]}, token=clerk)).data["invoiceSendNotification"]
    assert nobody["errors"] == [{"field": "order", "code": "EMAIL_NOT_SET"}]
    for id in (ids.encode("Invoice", 2_000_000_000), ids.encode("Order", uuid.UUID(int=7)), "abc"):
        missing = (await api(SEND, {"id": id}, token=clerk)).data["invoiceSendNotification"]
        assert missing["errors"] == [{"field": "id", "code": "NOT_FOUND"}]


@pytest.mark.parametrize(
    ("caller", "sees"), [("anonymous", 0), ("stranger", 0), ("staff", 0), ("owner", 1), ("clerk", 1)]
)
async def test_who_sees_invoices_and_who_asks_for_them(api: Api, desk: Desk, caller: str, sees: int) -> None:
    async def fill(session: Any) -> Placed:
        placed = await unpaid_order(session, user=await make.user(session, email="owner@example.com"))
        await actions.request_invoice(session, placed.key, By())
        return placed

    placed = await desk.database.run(fill)
    await work(desk)
    token = None
    if caller == "clerk":
        token = await api.login("clerk@example.com", "MANAGE_ORDERS")
    elif caller != "anonymous":
        token = await api.login(f"{caller}@example.com", is_staff=caller == "staff")
    seen = (await api(READ, {"id": placed.id}, token=token)).data["order"]["invoices"]
    assert len(seen) == sees
    if caller == "clerk":
        return
    invoice = ids.encode("Invoice", await desk.scalar("SELECT id FROM order_invoice"))
    for document, id in ((REQUEST, placed.id), (SEND, invoice)):
        (error,) = (await api(document, {"id": id}, token=token)).errors
        assert error["extensions"]["exception"]["code"] == "PermissionDenied"
    assert await desk.scalar("SELECT count(*) FROM mail_message WHERE dedupe_key LIKE 'order-invoice%'") == 0


async def test_links_that_open_nothing(desk: Desk) -> None:
    placed = await desk.database.run(unpaid_order)
    invoice = await desk.database.run(lambda session: actions.request_invoice(session, placed.key, By()))
    good = invoice_link(SECRET, invoice, now=clock.now(), lasting=timedelta(minutes=1))
    assert (await fetch(desk, f"/invoices/{good}")).status_code == 404
    await work(desk)
    assert (await fetch(desk, f"/invoices/{good}")).status_code == 200
    over = invoice_link(SECRET, invoice, now=clock.now(), lasting=timedelta(seconds=-1))
    other = good.replace(f"{invoice}.", f"{invoice + 1}.", 1)
    later = re.sub(r"\.(\d+)\.", lambda found: f".{int(found[1]) + 9999}.", good)
    for link in (over, other, later, good[:-1] + ("A" if good[-1] != "A" else "B"), "x", f"{invoice}"):
        assert (await fetch(desk, f"/invoices/{link}")).status_code == 404
    (path,) = (desk.settings.media_path / "private").rglob("*.pdf")
    path.unlink()
    assert (await fetch(desk, f"/invoices/{good}")).status_code == 404


def test_a_link_is_good_until_its_moment() -> None:
    now = clock.now().replace(microsecond=0)
    link = invoice_link(SECRET, 7, now=now, lasting=timedelta(seconds=60))
    assert invoice_of_link(SECRET, link, now=now + timedelta(seconds=59)) == 7
    assert invoice_of_link(SECRET, link, now=now + timedelta(seconds=60)) is None
    assert invoice_of_link("another secret that is long enough!", link, now=now) is None


async def test_the_sheet_says_who_sells_what_was_taxed_and_what_went_back(desk: Desk) -> None:
    async def fill(session: Any) -> tuple[Sheet | None, Placed]:
        placed = await unpaid_order(session, quantities=(2, 1))
        seller = await make.address(session, company_name="Example Shop Ltd", city="Sellertown")
        await session.execute(update(SiteSettings).values(company_address_id=seller.id, company_vat_number="XX123"))
        await actions.mark_as_paid(session, placed.key, By())
        invoice = await actions.request_invoice(session, placed.key, By())
        return await actions.invoice_sheet(session, invoice), placed

    sheet, _ = await desk.database.run(fill)
    assert sheet is not None
    assert sheet.seller[0] == "Example Shop Ltd"
    assert sheet.vat_number == "XX123"
    assert sheet.buyer == ["Example Customer", "1 Example Street", "10001 Example City, NY", "UNITED STATES"]
    assert [(line.quantity, line.gross) for line in sheet.lines] == [
        (2, Decimal(20)),
        (1, Decimal(10)),
        (1, Decimal(5)),
    ]
    assert sheet.taxes == [TaxShare(Decimal(0), Decimal("35.000"), Decimal("35.000"))]
    assert (sheet.net, sheet.gross, sheet.paid, sheet.refunded) == (
        Decimal(35),
        Decimal(35),
        Decimal(35),
        Decimal(0),
    )


def test_a_long_bill_runs_over_pages_and_takes_names_as_they_are() -> None:
    now = clock.now().date()
    line = InvoiceLine("<b>Ł & Ж</b> " + "x" * 300, 1, Decimal(1), Decimal("0.19"), Decimal(1), Decimal("1.19"))
    sheet = Sheet(
        number="1",
        issued=now,
        order_number=1001,
        ordered=now,
        currency="EUR",
        shop_name="Example Shop",
        seller=[],
        vat_number="",
        buyer=["Example & Co"],
        lines=[line] * 100,
        taxes=[TaxShare(Decimal("0.19"), Decimal(100), Decimal(119))],
        net=Decimal(100),
        gross=Decimal(119),
        paid=Decimal(119),
        refunded=Decimal(19),
    )
    file = invoice_pdf(sheet)
    assert file == invoice_pdf(sheet)
    assert len(re.findall(rb"/Type /Page\b", file)) > 3


async def _numbers(session: AsyncSession) -> list[str]:
    return list(await session.scalars(select(Invoice.number).order_by(Invoice.number)))


async def test_numbers_have_no_gap_when_many_are_taken_and_some_fail(
    committed: Database, rounds: Callable[[int, int], int]
) -> None:
    """20 clerks on 20 connections bill 20 orders, and a quarter of them fail after the number was taken."""
    first = await committed.run(unpaid_order)
    placed = [await committed.run(partial(unpaid_order, of=first.shop)) for _ in range(rounds(11, 40))]

    async def bill(place: int) -> None:
        async def unit(session: Any) -> None:
            await actions.request_invoice(session, placed[place].key, By())
            if place % 4 == 0:
                raise RuntimeError

        await committed.run(unit)

    done = await asyncio.gather(*(bill(place) for place in range(len(placed))), return_exceptions=True)
    good = sum(one is None for one in done)
    assert good == sum(place % 4 != 0 for place in range(len(placed)))
    assert await committed.run(_numbers) == [f"{YEAR}-{serial:06}" for serial in range(1, good + 1)]
