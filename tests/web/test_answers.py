"""Answers that are kept: the same bytes as read anew, never late, never anybody's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from shop.channels.models import Channel
from shop.kit import clock, ids
from shop.kit.db import Database
from shop.kit.settings import Settings
from tests import factories as make
from tests.api.client import Api, Reply
from tests.factories import booking

SHOP: Final = "{ shop { name } }"
NAME: Final = text("UPDATE site_settings SET name = :name")


@dataclass(slots=True)
class Processes:
    """Two processes of one shop that keep answers, and one that reads everything anew."""

    one: Api
    other: Api
    plain: Api

    async def write(self, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        """What the work answers; it is committed by none of the three."""
        return await self.plain.database.run(work)

    async def ask(self, query: str, variables: dict[str, Any] | None = None, **more: Any) -> Reply:
        """The one answer of all three."""
        replies = [await api(query, variables, **more) for api in (self.one, self.other, self.plain)]
        assert replies[0].body == replies[1].body == replies[2].body
        return replies[0]


@pytest.fixture
async def shop(committed: Database, settings: Settings) -> AsyncIterator[Processes]:
    """The processes, with a channel."""
    async with committed.unit() as session:
        await make.channel(session, slug="default-channel")
    keeping = settings.model_copy(update={"response_cache_bytes": 1_000_000})
    processes = Processes(Api(keeping, committed), Api(keeping, committed), Api(settings, committed))
    yield processes
    for api in (processes.one, processes.other):
        await api.close()
        await api.graphql.close()


def is_kept(reply: Reply) -> bool:
    """Whether the reply was made for an earlier request."""
    status: str | None = reply.headers.get("Cache-Status")
    return status == "shop; hit"


async def rename(shop: Processes, name: str) -> None:
    """The shop has another name."""
    await shop.write(lambda session: session.execute(NAME, {"name": name}))


async def test_the_second_answer_costs_one_look(shop: Processes) -> None:
    first, second = await shop.one(SHOP), await shop.one(SHOP)
    assert (is_kept(first), is_kept(second)) == (False, True)
    assert first.headers["Cache-Status"] == "shop; fwd=miss"
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == "no-cache"
    assert first.headers["X-Content-Type-Options"] == second.headers["X-Content-Type-Options"] == "nosniff"
    assert first.body == second.body
    assert first.body["extensions"]["cost"] == second.body["extensions"]["cost"]
    assert second.statements == 1
    answers = shop.one.graphql.answers
    assert (answers.hits, answers.misses, len(answers)) == (1, 1, 1)
    # Spaces in the text make another document, the order of variables does not make another request.
    assert not is_kept(await shop.one(SHOP + " "))


async def test_a_write_is_seen_by_the_next_reading_of_every_process(shop: Processes) -> None:
    for name in ("One", "Two", "Three"):
        await rename(shop, name)
        assert (await shop.ask(SHOP)).data == {"shop": {"name": name}}
        assert is_kept(await shop.one(SHOP))
        assert is_kept(await shop.other(SHOP))


async def test_who_changes_something_by_a_mutation_reads_it_at_once(shop: Processes) -> None:
    key = await shop.write(lambda session: _page(session, "An article"))
    token = await shop.one.login("staff@example.com", "MANAGE_PAGES")
    page = "query ($slug: String!) { page(slug: $slug) { id title } }"
    for title in ("First", "Second"):
        await shop.ask(page, {"slug": "an-article"})
        changed = await shop.one(
            "mutation ($id: ID!, $title: String) { pageUpdate(id: $id, input: {title: $title}) { errors { code } } }",
            {"id": key, "title": title},
            token=token,
        )
        assert changed.data == {"pageUpdate": {"errors": []}}
        assert (await shop.ask(page, {"slug": "an-article"})).data["page"]["title"] == title


async def _page(session: AsyncSession, title: str, **given: Any) -> str:
    until = given.pop("unpublished_at", None)
    page = await make.page(session, title=title, slug="an-article", **given)
    page.unpublished_at = until
    await session.flush()
    return ids.encode("Page", page.id)


async def test_an_answer_read_while_somebody_wrote_is_not_used_for_the_next(shop: Processes) -> None:
    """The writer commits after the look and the reading, before the answer is kept."""
    graphql = shop.one.graphql
    keep = graphql.answers.keep

    async def late(*args: Any, **more: Any) -> None:
        await rename(shop, "Written meanwhile")
        # Another request has looked since.
        await graphql.answers.changes.look()
        await keep(*args, **more)

    graphql.answers.keep = late  # type: ignore[method-assign]
    before = (await shop.one(SHOP)).data["shop"]["name"]
    graphql.answers.keep = keep  # type: ignore[method-assign]
    assert before != "Written meanwhile"
    after = await shop.one(SHOP)
    assert (is_kept(after), after.data["shop"]["name"]) == (False, "Written meanwhile")


@pytest.mark.race
async def test_no_reader_is_told_what_was_over_before_he_asked(
    shop: Processes, rounds: Callable[[int, int], int]
) -> None:
    last, committed = rounds(60, 2000), 0
    late, hits = [], 0

    async def write() -> None:
        nonlocal committed
        for number in range(1, last + 1):
            await rename(shop, str(number))
            committed = number

    async def read(api: Api) -> None:
        nonlocal hits
        while committed < last:
            sure = committed
            reply = await api(SHOP)
            hits += is_kept(reply)
            name = reply.data["shop"]["name"]
            if name.isdigit() and int(name) < sure:
                late.append((name, sure))

    await rename(shop, "0")
    await asyncio.gather(write(), *(read(api) for api in (shop.one, shop.other) for _ in range(3)))
    assert late == []
    assert hits > 0


async def test_what_the_clock_alone_changes_is_not_kept_beyond_that_moment(
    shop: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    clock_now = [now]
    monkeypatch.setattr(clock, "now", lambda: clock_now[0])
    hour = timedelta(hours=1)
    await shop.write(lambda session: _page(session, "Later", published_at=now + hour, unpublished_at=now + 3 * hour))
    page = '{ page(slug: "an-article") { title } }'

    async def seen() -> bool:
        return (await shop.ask(page)).data["page"] is not None

    assert not await seen()
    assert is_kept(await shop.one(page))
    for passed, shown in ((1, True), (2, True), (3, False)):
        clock_now[0] = now + passed * hour - timedelta(microseconds=1)
        before = await seen()
        clock_now[0] += timedelta(microseconds=1)
        assert await seen() is shown
        assert is_kept(await shop.one(page))
        assert before is (passed in {2, 3})


async def test_days_end_for_what_is_kept(shop: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    clock_now = [datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: clock_now[0])
    await shop.one(SHOP)
    assert is_kept(await shop.one(SHOP))
    clock_now[0] += timedelta(seconds=1)
    assert not is_kept(await shop.one(SHOP))


async def test_whether_comments_are_open_is_not_kept_beyond_their_end(
    shop: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = datetime(2026, 3, 2, 12, tzinfo=UTC)
    clock_now = [published]
    monkeypatch.setattr(clock, "now", lambda: clock_now[0])
    kind = await shop.write(lambda session: make.page_type(session, slug="article"))
    await shop.write(lambda session: _page(session, "Open", kind=kind, published_at=published))
    closes = published + timedelta(days=shop.one.settings.comments_close_after_days)
    query = '{ page(slug: "an-article") { commentsOpen } }'
    for moment, is_open in ((closes - timedelta(seconds=1), True), (closes, False)):
        clock_now[0] = moment
        assert (await shop.ask(query)).data == {"page": {"commentsOpen": is_open}}
        assert is_kept(await shop.one(query))


async def test_stock_is_told_as_it_is_sold_kept_and_freed(shop: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    clock_now = [now]
    monkeypatch.setattr(clock, "now", lambda: clock_now[0])

    async def sell(session: AsyncSession) -> str:
        channel = await session.scalar(select(Channel))
        assert channel is not None
        variant = await make.variant(session, channel, price="10.00", stock=None)
        warehouse = await make.warehouse(session, channel)
        await make.stock(session, variant.id, warehouse, 9)
        return ids.encode("ProductVariant", variant.id)

    left = 'query ($id: ID!) { productVariant(id: $id, channel: "default-channel") { quantityAvailable } }'
    variables = {"id": await shop.write(sell)}

    async def available() -> int:
        quantity: int = (await shop.ask(left, variables)).data["productVariant"]["quantityAvailable"]
        assert is_kept(await shop.one(left, variables))
        return quantity

    assert await available() == 9
    await shop.write(lambda session: session.execute(text("UPDATE stock_stock SET quantity_allocated = 2")))
    assert await available() == 7
    cart = await shop.one(
        'mutation { checkoutCreate(input: {channel: "default-channel", lines: []}) { checkout { id } } }'
    )
    assert cart.data["checkoutCreate"]["checkout"]
    keep = (
        "INSERT INTO stock_reservation (stock_id, checkout_id, quantity, expires_at) SELECT stock.id, cart.id, 3, :at "
    )
    ends = now + timedelta(minutes=5)
    await shop.write(
        lambda session: session.execute(text(f"{keep} FROM stock_stock stock, checkout_checkout cart"), {"at": ends})
    )
    for passed, free in ((timedelta(), 4), (ends - now - timedelta(microseconds=1), 4), (ends - now, 7)):
        clock_now[0] = now + passed
        assert await available() == free


async def test_free_times_are_told_as_they_are_held_and_as_they_come_too_close(
    shop: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock_now = [datetime(2026, 3, 2, 9, 40, tzinfo=UTC)]
    monkeypatch.setattr(clock, "now", lambda: clock_now[0])

    async def open_service(session: AsyncSession) -> str:
        channel = await session.scalar(select(Channel))
        assert channel is not None
        # From nine to twelve: at the half hours until eleven, said an hour before; up to three days ahead.
        person = await booking.resource(session, hours=(("09:00", "12:00"),))
        made = await booking.service(session, channel, [person], lead_min=60, horizon_days=3)
        return ids.encode("BookableService", made.id)

    service = await shop.write(open_service)
    slots = """query ($id: ID!, $from: DateTime!, $to: DateTime) {
      availableSlots(serviceId: $id, from: $from, to: $to) { totalCount edges { node { start token } } }
    }"""
    dates = 'query ($id: ID!) { availableDates(serviceId: $id, from: "2026-03-02", to: "2026-03-20") }'
    today = {"id": service, "from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}

    async def starts() -> list[str]:
        edges = (await shop.ask(slots, today)).data["availableSlots"]["edges"]
        assert is_kept(await shop.one(slots, today))
        return [edge["node"]["start"][11:16] for edge in edges]

    async def days() -> list[str]:
        found: list[str] = (await shop.ask(dates, {"id": service})).data["availableDates"]
        return [day[8:] for day in found]

    assert await starts() == ["11:00"]
    assert await days() == ["02", "03", "04", "05"]
    assert is_kept(await shop.one(dates, {"id": service}))
    # Without an end each moment lets another start come near enough: nothing to keep.
    for _ in range(2):
        assert not is_kept(await shop.one(slots, {"id": service, "from": today["from"]}))
    held = (await shop.plain(slots, today)).data["availableSlots"]["edges"][0]["node"]["token"]
    variant = '{ bookableServices(first: 1, channel: "default-channel") { edges { node { variantId } } } }'
    [edge] = (await shop.plain(variant)).data["bookableServices"]["edges"]
    line = {"variantId": edge["node"]["variantId"], "quantity": 1, "booking": {"slotToken": held}}
    cart = await shop.plain(
        "mutation ($input: CheckoutCreateInput!) { checkoutCreate(input: $input) { errors { code } } }",
        {"input": {"channel": "default-channel", "lines": [line]}},
    )
    assert cart.data == {"checkoutCreate": {"errors": []}}
    assert (await starts(), await days()) == ([], ["03", "04", "05"])
    # The hold ends after a quarter of an hour, and the start comes too close five minutes later.
    for minute, free in ((54, []), (55, ["11:00"]), (60, ["11:00"]), (61, [])):
        clock_now[0] = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(minutes=minute)
        edges = (await shop.ask(slots, today)).data["availableSlots"]["edges"]
        assert [edge["node"]["start"][11:16] for edge in edges] == free
    assert await days() == ["03", "04", "05"]
    assert is_kept(await shop.one(dates, {"id": service}))
    clock_now[0] = datetime(2026, 3, 3, tzinfo=UTC)
    assert await days() == ["03", "04", "05", "06"]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        pytest.param("{ me { email } }", {}, id="the-visitor"),
        pytest.param("query ($id: ID) { checkout(id: $id) { id } }", {"id": "Q2hlY2tvdXQ6MQ=="}, id="a-cart"),
        pytest.param('{ page(slug: "an-article") { commentForm { token } } }', {}, id="a-form"),
        pytest.param('{ page(slug: "an-article", previewToken: "x") { title } }', {}, id="a-preview"),
        pytest.param("{ shop { name } nothing }", {}, id="refused"),
        pytest.param("{ orders(first: 1) { totalCount } }", {}, id="not-allowed"),
        pytest.param('mutation { commentDelete(id: "x") { errors { code } } }', {}, id="mutation"),
    ],
)
async def test_what_is_somebodys_own_is_not_kept(shop: Processes, query: str, variables: dict[str, Any]) -> None:
    await shop.write(lambda session: _page(session, "An article"))
    for _ in range(3):
        reply = await shop.one(query, variables)
        assert not is_kept(reply)
    assert len(shop.one.graphql.answers) == 0


async def test_who_shows_who_he_is_gets_an_answer_of_his_own(shop: Processes) -> None:
    token = await shop.one.login("staff@example.com", "MANAGE_PAGES")
    for _ in range(2):
        for credentials in (
            {"Authorization": f"Bearer {token}"},
            {"Authorization-Bearer": token},
            {"Authorization": "x"},
        ):
            reply = await shop.one(SHOP, headers=credentials)
            assert "Cache-Status" not in reply.headers
    assert len(shop.one.graphql.answers) == 0
    # Nor does he get what was kept for others.
    hidden = '{ page(slug: "an-article") { title } }'
    await shop.write(lambda session: _page(session, "Hidden", is_published=False))
    assert (await shop.one(hidden)).data == (await shop.one(hidden)).data == {"page": None}
    assert (await shop.one(hidden, token=token)).data == {"page": {"title": "Hidden"}}
    assert (await shop.one(hidden)).data == {"page": None}


async def test_answers_name_the_address_by_which_they_were_asked(shop: Processes, settings: Settings) -> None:
    anywhere = settings.model_copy(update={"response_cache_bytes": 1_000_000, "public_url": None})
    api = Api(anywhere, shop.one.database)
    query = "{ shop { domain { host } } }"
    for _ in range(2):
        for host in ("one.test", "two.test"):
            assert (await api(query, headers={"Host": host})).data == {"shop": {"domain": {"host": host}}}
    assert len(api.graphql.answers) == 2
    await api.close()
    await api.graphql.close()


async def test_the_operation_and_the_variables_decide_too(shop: Processes) -> None:
    await shop.write(lambda session: _page(session, "An article"))
    document = (
        "query One($slug: String) { page(slug: $slug) { title } } "
        "query Two($slug: String) { page(slug: $slug) { slug } }"
    )
    for _ in range(2):
        for name, slug, page in (
            ("One", "an-article", {"title": "An article"}),
            ("Two", "an-article", {"slug": "an-article"}),
            ("One", "another", None),
        ):
            reply = await shop.one(document, {"slug": slug}, operation_name=name)
            assert reply.data == {"page": page}


async def test_room_is_bounded_and_the_least_used_goes_first(shop: Processes) -> None:
    answers = shop.one.graphql.answers
    answers.max_bytes = 8000
    for number in range(40):
        await shop.one(SHOP)
        await shop.one(f"query A{number} {{ shop {{ name }} }}")
    assert answers.bytes <= 8000
    assert 5 <= len(answers) <= 10
    assert is_kept(await shop.one(SHOP))
    # One that would push out most others is not kept at all.
    await shop.write(lambda session: _page(session, "Long", metadata={"long": "x" * 3000}))
    for _ in range(2):
        assert not is_kept(await shop.one('{ page(slug: "an-article") { metadata { value } } }'))


async def test_names_that_clients_give_operations_count_as_room(shop: Processes) -> None:
    answers = shop.one.graphql.answers
    answers.max_bytes = 100_000
    for number in range(12):
        await shop.one(f"query A{number}{'x' * 2_000} {{ shop {{ name }} }}")
    assert answers.bytes <= 100_000
    assert 5 <= len(answers) <= 11
    # One of the longest is not kept at all.
    for _ in range(2):
        assert not is_kept(await shop.one(f"query A{'x' * 4_000} {{ shop {{ name }} }}"))


async def test_an_operation_that_cannot_be_kept_does_not_look_each_time(shop: Processes) -> None:
    query = "query Stock($id: ID) { checkout(id: $id) { id } shop { name } }"
    looks = []
    for number in range(45):
        stamp = shop.one.graphql.answers.changes.stamp
        await shop.one(query, {"id": ids.encode("Checkout", f"00000000-0000-4000-8000-{number:012}")})
        looks.append(shop.one.graphql.answers.changes.stamp - stamp)
    assert sum(looks) == 3
    assert looks[0] == looks[21] == looks[42] == 1


async def test_what_only_a_mutation_or_nobody_can_run_does_not_look(shop: Processes) -> None:
    stamp = shop.one.graphql.answers.changes.stamp
    for document in ('mutation { tokenVerify(token: "x") { isValid } }', "{ shop { nothing } }", "{"):
        await shop.one(document)
    await shop.one('query A { shop { name } } mutation B { tokenVerify(token: "x") { isValid } }', operation_name="B")
    assert shop.one.graphql.answers.changes.stamp == stamp


async def test_without_looks_everything_is_read(shop: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_changes: Any) -> None:
        return None

    await shop.one(SHOP)
    monkeypatch.setattr("shop.changes.looking.Changes.look", nothing)
    await rename(shop, "Unseen")
    reply = await shop.one(SHOP)
    assert (is_kept(reply), reply.data["shop"]["name"]) == (False, "Unseen")


async def test_a_page_looks_once_for_all_that_it_asks(shop: Processes) -> None:
    """As the storefront asks: in the process, with one request."""
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"shop.test")]}
    graphql = shop.one.graphql

    def request() -> Request:
        return Request({**scope, "state": {}})

    async def name(asker: Any) -> str:
        body = await graphql.execute(asker, SHOP, "", {}, None)
        shown: str = body["data"]["shop"]["name"]
        return shown

    await name(request())
    stamp, page = graphql.answers.changes.stamp, request()
    for _ in range(3):
        await name(page)
    assert graphql.answers.changes.stamp == stamp + 1
    # What the page itself changes is looked for again.
    await rename(shop, "By the page")
    await graphql.execute(page, 'mutation { tokenVerify(token: "x") { isValid } }', "", {}, None)
    assert await name(page) == "By the page"
    assert graphql.answers.changes.stamp == stamp + 2
