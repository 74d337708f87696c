"""What the whole application answers beside GraphQL: health, readiness, keys, the mailbox, and a log line each."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from joserfc.jwk import KeySet
from pydantic import SecretStr
from sqlalchemy import text

from shop.accounts.rules import TokenUser
from shop.api.accounts.auth import make_signer
from shop.kit import clock
from shop.kit.db import Database, DatabaseUrl
from shop.kit.settings import Environment, Settings
from shop.mail.actions import queue_mail
from shop.web import requests
from shop.web.app import create_app
from tests import factories as make

HEALTH, READY, JWKS, MAILBOX = "/health", "/ready", "/.well-known/jwks.json", "/mailbox"


def visitor(settings: Settings, database: Database) -> httpx.AsyncClient:
    """Somebody who calls the application."""
    app = create_app(settings, worker=False, database=database)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test")


async def end_others(url: DatabaseUrl) -> None:
    """The server has ended every connection to the database, as a restart does, and the clients have heard of it."""
    connection = await asyncpg.connect(
        host=url.host, port=url.port, user=url.user, password=url.password, database=url.database
    )
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    await asyncio.sleep(0.1)


@pytest.fixture
async def client(settings: Settings, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The application of the test's settings."""
    async with visitor(settings, database) as client:
        yield client


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    alive = await client.get(HEALTH)
    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    ready = await client.get(READY)
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "database": "ok", "migrations": "ok"})
    assert alive.headers["Cache-Control"] == ready.headers["Cache-Control"] == "no-store"


async def test_without_a_database_it_lives_and_is_not_ready(settings: Settings) -> None:
    database = Database("postgres://shop:a-password@127.0.0.1:9/shop", pool_size=1)
    async with visitor(settings, database) as client:
        assert (await client.get(HEALTH)).status_code == 200
        ready = await client.get(READY)
        assert (ready.status_code, ready.headers["Retry-After"]) == (503, "2")
        assert ready.json() == {"status": "not ready", "database": "no answer"}
        answer = await client.post("/graphql/", json={"query": "{ shop { name } }"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.json()["errors"][0]["extensions"]["exception"]["code"] == "ServiceUnavailable"
        for response in (ready, answer):
            assert "password" not in response.text
            assert "127.0.0.1" not in response.text
    await database.close()


async def test_who_has_a_token_hears_the_same_without_a_database(settings: Settings) -> None:
    database = Database("postgres://shop:a-password@127.0.0.1:9/shop", pool_size=1)
    user = TokenUser(1, "customer@example.com", is_staff=False, token_key="key")
    token = make_signer(settings).make(user, "access", clock.now(), timedelta(minutes=5))
    async with visitor(settings, database) as client:
        query, headers = {"query": "{ shop { name } }"}, {"Authorization": f"Bearer {token}"}
        answer = await client.post("/graphql/", json=query, headers=headers)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.json()["errors"][0]["extensions"]["exception"]["code"] == "ServiceUnavailable"
        assert "127.0.0.1" not in answer.text
        notice = await client.post("/webhooks/stripe", content=b"{}")
        assert (notice.status_code, notice.headers["Retry-After"]) == (503, "2")
    await database.close()


async def test_a_restarted_database_serves_the_next_visitor(settings: Settings, committed: Database) -> None:
    async with visitor(settings, committed) as client:
        query = {"query": "{ shop { name } }"}
        assert (await client.post("/graphql/", json=query)).status_code == 200
        await end_others(committed.url)
        for _ in range(3):
            assert (await client.post("/graphql/", json=query)).status_code == 200


async def test_older_tables_are_named(settings: Settings, committed: Database) -> None:
    async with visitor(settings, committed) as client:
        expected = await committed.run(lambda session: session.scalar(text("SELECT version_num FROM alembic_version")))
        await committed.run(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '0001'")))
        ready = await client.get(READY)
        assert ready.status_code == 503
        assert ready.json()["migrations"] == f"at 0001, needs {expected}: run `shop migrate`"
        await committed.run(lambda session: session.execute(text("DROP TABLE alembic_version")))
        ready = await client.get(READY)
        assert (ready.status_code, ready.json()["migrations"]) == (503, "none: run `shop migrate`")


async def test_tables_of_the_next_release_do_not_stop_this_one(settings: Settings, committed: Database) -> None:
    async with committed.unit() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    async with visitor(settings, committed) as client:
        assert (await client.get(READY)).status_code == 200


async def test_only_named_hosts_are_answered(settings: Settings, database: Database) -> None:
    named = settings.model_copy(update={"allowed_hosts": ("shop.test",)})
    async with visitor(named, database) as client:
        assert (await client.get(HEALTH)).status_code == 200
        assert (await client.get(HEALTH, headers={"Host": "127.0.0.1:8000"})).status_code == 200
        assert (await client.get(HEALTH, headers={"Host": "evil.test"})).status_code == 400


async def test_the_api_s_address_ends_with_a_slash(client: httpx.AsyncClient) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        answer = await client.request(method, "/graphql")
        assert (answer.status_code, "/graphql/" in answer.text) == (404, True)


async def test_the_public_key_and_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.get(JWKS)
    (key,) = answer.json()["keys"]
    assert {"kty": "RSA", "use": "sig", "alg": "RS256"}.items() <= key.items()
    assert not {"d", "p", "q", "dp", "dq", "qi"} & key.keys()
    assert len(KeySet.import_key_set(answer.json()).keys) == 1
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_the_mailbox_shows_what_was_sent_newest_first_and_as_text(
    client: httpx.AsyncClient, database: Database
) -> None:
    empty = await client.get(MAILBOX)
    assert "No mail yet" in empty.text

    async def write(number: int) -> None:
        context = {"shop_name": "Example", "amount": number, "currency": "USD", "reason": "<script>alert(1)</script>"}
        await database.run(
            lambda session: queue_mail(
                session,
                dedupe_key=f"test:{number}",
                recipient=f"reader-{number}@example.com",
                template="payment-returned",
                context=context,
            )
        )

    await write(1)
    page = await client.get(MAILBOX)
    assert "reader-1@example.com" in page.text
    assert "<script>" not in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "changed",
    [{"environment": Environment.PRODUCTION}, {"smtp_url": SecretStr("smtp://mail.example.com")}],
    ids=["production", "a mail server"],
)
async def test_there_is_no_mailbox_where_mails_are_sent(
    settings: Settings, database: Database, changed: dict[str, object]
) -> None:
    await database.run(lambda session: make.channel(session, slug="default-channel"))
    async with visitor(settings.model_copy(update=changed), database) as client:
        assert (await client.get(MAILBOX)).status_code == 404


@dataclass
class Lines:
    """A log that is kept."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    def info(self, event: str, **values: Any) -> None:
        self.lines.append({"event": event, **values})


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The lines that requests write."""
    log = Lines()
    monkeypatch.setattr(requests, "_log", log)
    return log.lines


async def test_one_line_a_request(client: httpx.AsyncClient, lines: list[dict[str, Any]]) -> None:
    await client.post("/graphql/", json={"query": "query Named { shop { name } }", "operationName": "Named"})
    await client.post("/graphql/", json={"query": '{ page(id: "x", slug: "y") { id } }'})
    await client.post("/graphql/", content=b"[", headers={"Content-Type": "application/json"})
    await client.get(JWKS)
    assert [(line["method"], line["path"], line["operation"], line["status"]) for line in lines] == [
        ("POST", "/graphql/", "Named", 200),
        ("POST", "/graphql/", "query", 200),
        ("POST", "/graphql/", None, 400),
        ("GET", JWKS, None, 200),
    ]
    assert [line["errors"] for line in lines] == [None, 1, None, None]
    assert lines[0]["statements"] == 1
    assert lines[2]["statements"] == 0
    assert all(line["ms"] > 0 for line in lines)


async def test_health_is_asked_too_often_to_be_told(client: httpx.AsyncClient, lines: list[dict[str, Any]]) -> None:
    await client.get(HEALTH)
    await client.get(READY)
    assert lines == []


async def test_developers_see_the_time_and_the_statements(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql/", json={"query": "{ shop { name } }"})
    timing = answer.headers["Server-Timing"]
    assert timing.startswith("db;dur=")
    assert 'desc="1 statements", total;dur=' in timing


async def test_production_keeps_them_to_itself(settings: Settings, database: Database) -> None:
    async with visitor(settings.model_copy(update={"environment": Environment.PRODUCTION}), database) as client:
        answer = await client.post("/graphql/", json={"query": "{ shop { name } }"})
        assert "Server-Timing" not in answer.headers
        assert (await client.get("/graphql/")).status_code == 404


@pytest.mark.parametrize("compressed", [True, False])
async def test_text_is_compressed_where_no_proxy_does_it(
    settings: Settings, database: Database, *, compressed: bool
) -> None:
    chosen = settings.model_copy(update={"compress_responses": compressed})
    async with visitor(chosen, database) as client:
        sheet = await client.get("/static/storefront.css")
        assert sheet.text.startswith("/* The demo shop's one style sheet.")
        assert (sheet.headers.get("content-encoding"), sheet.headers.get("vary")) == (
            ("gzip", "Accept-Encoding") if compressed else (None, None)
        )
        known = await client.get("/static/storefront.css", headers={"If-None-Match": sheet.headers["etag"]})
        assert (known.status_code, known.headers["etag"]) == (304, sheet.headers["etag"])
