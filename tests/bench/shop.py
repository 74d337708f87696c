"""The shop that is measured: the demo and made-up products, its application, and requests to it without a network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from sqlalchemy import text
from starlette.types import ASGIApp, Message

from shop.api.core.schema import make_schema
from shop.blueprint.apply import apply_file
from shop.blueprint.load import DEMO
from shop.blueprint.seed import seed
from shop.kit.db import Database, DatabaseUrl
from shop.kit.db.statements import counting
from shop.kit.settings import ExecutionMode, Settings
from shop.storefront import documents
from shop.web.explorer import Explorer
from shop.web.graphql import GraphQL

FOLDER: Final = Path(__file__).parent
SAVED: Final = documents.Documents(FOLDER.parents[1] / "graphql")
PRODUCT_LIST: Final = (FOLDER / "StorefrontProductList.graphql").read_text()
CHANNEL: Final = "default-channel"
_HAS_CHANNELS: Final = text("SELECT EXISTS (SELECT FROM channel_channel)")


async def fill(url: DatabaseUrl, media: Path, size: int) -> None:
    """The database holds the demo and that many made-up products."""
    database = Database(url, pool_size=1, statement_timeout_seconds=600)
    try:
        async with database.unit() as session:
            empty = not await session.scalar(_HAS_CHANNELS)
        if empty:
            await apply_file(database, DEMO, media_folder=media)
        await seed(database, size)
        async with database.engine.connect() as connection:
            # As the server does by itself within minutes.
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))
    finally:
        await database.close()


@dataclass(slots=True)
class Shop:
    """The GraphQL endpoint over one database, in the mode that the settings name."""

    settings: Settings
    database: Database
    graphql: GraphQL

    async def send(self, body: bytes) -> bytes:
        """The bytes of the endpoint's answer: everything a request costs but the server's own parsing."""
        return await send(self.graphql, body)

    async def ask(self, query: str, variables: dict[str, Any]) -> Any:
        """The data of the answer."""
        reply = orjson.loads(await self.send(body_of(query, variables)))
        assert "errors" not in reply, reply["errors"][:2]
        return reply["data"]

    async def statements(self, query: str, variables: dict[str, Any]) -> list[str]:
        """The statements that a request sends."""
        with counting(keep_texts=True) as log:
            await self.ask(query, variables)
        return log.texts


def body_of(query: str, variables: dict[str, Any]) -> bytes:
    """A request's body."""
    return orjson.dumps({"query": query, "variables": variables})


_SCOPE: Final[dict[str, Any]] = {
    "type": "http",
    "method": "POST",
    "path": "/graphql/",
    "raw_path": b"/graphql/",
    "query_string": b"",
    "root_path": "",
    "scheme": "http",
    "http_version": "1.1",
    "server": ("127.0.0.1", 8000),
    "client": ("127.0.0.1", 50000),
}


async def send(app: ASGIApp, body: bytes) -> bytes:
    """The body of the answer of an ASGI application to a POST."""
    headers = [(b"host", b"shop.test"), (b"content-type", b"application/json"), (b"accept", b"*/*")]
    chunks: list[bytes] = []
    # As a server does it: one message with the body, then nothing but waiting for the visitor to leave.
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Message:
        return next(messages)

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.body":
            chunks.append(message.get("body", b""))

    await app({**_SCOPE, "headers": headers, "state": {}}, receive, answer)
    return b"".join(chunks)


@asynccontextmanager
async def opened(
    url: DatabaseUrl, settings: Settings, mode: ExecutionMode = ExecutionMode.ENGINE
) -> AsyncIterator[Shop]:
    """The endpoint over that database; its connections are closed afterwards."""
    settings = settings.model_copy(update={"execution": mode})
    database = Database(url, pool_size=4, statement_timeout_seconds=60, application_name="bench")
    try:
        yield Shop(settings, database, GraphQL(make_schema(mode), settings, database, Explorer(settings)))
    finally:
        await database.close()
        # The driver's sockets close in the loop's next turns.
        await asyncio.sleep(0)
