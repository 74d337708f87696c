"""`/metrics`: who may see it, and that it counts."""

import re
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp

from shop.kit.db import Database
from shop.kit.settings import Environment, Settings
from shop.web.app import create_app

QUERY = "{ shop { name } }"


def caller(app: ASGIApp, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """Somebody at that address."""
    transport = httpx.ASGITransport(app=app, client=(address, 50000))
    return httpx.AsyncClient(transport=transport, base_url="http://shop.test")


@pytest.fixture
async def app(settings: Settings, database: Database) -> ASGIApp:
    return create_app(settings, worker=False, database=database)


def samples(text: str) -> dict[str, float]:
    """Each sample with its value; every line is one or a comment."""
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    assert all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+', line) for line in lines), (
        lines
    )
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


async def test_it_counts_requests_statements_plans_and_jobs(app: Any) -> None:
    async with caller(app) as client:
        for _ in range(3):
            assert (await client.post("/graphql/", json={"query": QUERY})).status_code == 200
        assert (await client.get("/health")).status_code == 200
        app.state.graphql.documents.stats.bails["null", "Alias.of a client"] += 2
        reply = await client.get("/metrics")
    assert reply.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    found = samples(reply.text)
    assert found['shop_requests_total{place="graphql",status="200"}'] == 3
    assert found['shop_requests_total{place="health",status="200"}'] == 1
    assert found["shop_statements_total"] >= 3
    assert found["shop_graphql_plans_compiled_total"] == 1
    # The first sight is graphql-core's, the others are the plan's.
    assert found["shop_graphql_planned_total"] == 2
    assert found['shop_graphql_fallbacks_total{reason="null"}'] == 2
    assert found["shop_graphql_documents"] == 1
    assert found["shop_graphql_document_bytes"] > 1000
    # Nothing is kept where there is no room.
    assert found["shop_answers"] == found["shop_answer_bytes"] == found["shop_answers_hits_total"] == 0
    assert found["shop_database_up"] == 1
    assert found['shop_jobs{status="failed"}'] == 0
    assert "client" not in reply.text


async def test_it_answers_this_machine_only(app: ASGIApp) -> None:
    async with caller(app, "::1") as client:
        assert (await client.get("/metrics")).status_code == 200
        for header in ("Forwarded", "X-Forwarded-For", "Via"):
            assert (await client.get("/metrics", headers={header: "127.0.0.1"})).status_code == 404
    for address in ("203.0.113.7", "10.0.0.1", "testclient"):
        async with caller(app, address) as client:
            assert (await client.get("/metrics")).status_code == 404


async def test_production_answers_nobody_without_a_token(settings: Settings, database: Database) -> None:
    live = settings.model_copy(update={"environment": Environment.PRODUCTION})
    app = create_app(live, worker=False, database=database)
    async with caller(app, "127.0.0.1") as client:
        assert (await client.get("/metrics")).status_code == 404


async def test_with_a_token_it_asks_everyone_for_it(settings: Settings, database: Database) -> None:
    guarded = settings.model_copy(update={"metrics_token": SecretStr("a token of some length")})
    app = create_app(guarded, worker=False, database=database)
    async with caller(app, "203.0.113.7") as client:
        right = {"Authorization": "Bearer a token of some length", "X-Forwarded-For": "198.51.100.1"}
        assert (await client.get("/metrics", headers=right)).status_code == 200
    async with caller(app) as client:
        for wrong in (
            {},
            {"Authorization": "Bearer a token of some lengt"},
            {"Authorization": "a token of some length"},
        ):
            assert (await client.get("/metrics", headers=wrong)).status_code == 404


@pytest.mark.parametrize(
    "error",
    [
        OSError("no route to host"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.AdminShutdownError("terminating connection"),
        asyncpg.QueryCanceledError("statement timeout"),
    ],
)
async def test_without_a_database_it_says_so(app: Any, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    class Gone:
        async def rows(self, statement: object) -> list[Any]:
            raise error

        async def close(self) -> None:
            pass

    monkeypatch.setattr(app.state.database, "reader", Gone)
    async with caller(app) as client:
        found = samples((await client.get("/metrics")).text)
    assert found["shop_database_up"] == 0
    assert not any(name.startswith("shop_jobs") for name in found)
