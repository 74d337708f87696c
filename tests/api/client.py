"""A client of the API for tests: the real endpoint over ASGI, without a network."""

import json
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import httpx

from shop.accounts import actions
from shop.accounts.rules import TokenUser
from shop.api.accounts.auth import lives, make_signer
from shop.api.core.schema import Schema, make_schema
from shop.api.core.uploads import UploadedFile
from shop.execution import Documents, Limits
from shop.execution.documents import Document
from shop.kit import clock
from shop.kit.db import Database
from shop.kit.db.statements import StatementLog, counting
from shop.kit.settings import Settings
from shop.web.explorer import Explorer
from shop.web.graphql import GraphQL


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `data` fails loudly where the reply has errors that the test did not ask for."""

    status: int
    body: dict[str, Any]
    headers: httpx.Headers
    log: StatementLog = field(repr=False)

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Top-level errors."""
        errors: list[dict[str, Any]] = self.body.get("errors", [])
        return errors

    @property
    def data(self) -> Any:
        """The data of a reply without top-level errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def partial(self) -> Any:
        """The data beside top-level errors."""
        return self.body.get("data")

    @property
    def statements(self) -> int:
        """How many SQL statements the request took."""
        return self.log.count


@cache
def _readings(schema: Schema, limits: Limits, *, suggestions: bool) -> Documents:
    return Documents(schema, limits, suggestions=suggestions)


def _share_readings(documents: Documents) -> None:
    """What follows from a text alone is worked out once a process; plans, counts and variables stay the store's own."""
    readings = _readings(documents.schema, documents.limits, suggestions=documents.suggestions)

    def read(text: str) -> Document:
        return replace(readings.get(text), variables={}, coercers={}, plans={})

    documents._read = read  # type: ignore[method-assign]


_ASKED_FIRST = {"X-Requested-With": "XMLHttpRequest"}


def _without_files(value: Any, files: dict[str, UploadedFile], place: str = "variables") -> Any:
    """A copy with nulls instead of files, which are put into `files` by their places: `variables.image`."""
    if isinstance(value, UploadedFile):
        files[place] = value
        return None
    if isinstance(value, dict):
        return {key: _without_files(part, files, f"{place}.{key}") for key, part in value.items()}
    if isinstance(value, list):
        return [_without_files(part, files, f"{place}.{at}") for at, part in enumerate(value)]
    return value


class Api:
    """`await api(query, {"id": …}, token=…)`; with an `UploadedFile` among the variables, by a multipart request."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.graphql = GraphQL(make_schema(settings.execution), settings, database, Explorer(settings))
        _share_readings(self.graphql.documents)
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.graphql), base_url=settings.public_url or "http://shop.test"
        )

    async def __call__(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        token: str | None = None,
        operation_name: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """The reply to one operation."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        files: dict[str, UploadedFile] = {}
        body: dict[str, Any] = {"query": query, "variables": _without_files(variables or {}, files)}
        if operation_name is not None:
            body["operationName"] = operation_name
        with counting(keep_texts=True) as log:
            if files:
                form = {"operations": json.dumps(body), "map": json.dumps({name: [name] for name in files})}
                parts = {name: (file.filename, file.content) for name, file in files.items()}
                response = await self._client.post("/graphql/", data=form, files=parts, headers=_ASKED_FIRST | sent)
            else:
                response = await self._client.post("/graphql/", json=body, headers=sent)
        return Reply(response.status_code, response.json(), response.headers, log)

    async def raw(self, method: str, content: bytes = b"", headers: dict[str, str] | None = None) -> httpx.Response:
        """Any request to the endpoint."""
        return await self._client.request(method, "/graphql/", content=content, headers=headers)

    async def login(
        self,
        email: str = "customer@example.com",
        *permissions: str,
        is_staff: bool = False,
        password: str | None = None,
    ) -> str:
        """A user with this e-mail exists; the access token of a session of theirs."""
        hashed = await actions.hash_password(password) if password else None
        user_id = await self.database.run(
            lambda session: actions.save_user(
                session,
                email=email,
                password_hash=hashed,
                is_staff=is_staff or bool(permissions),
                permissions=permissions,
            )
        )
        return await self.token(user_id)

    async def token(self, user_id: int) -> str:
        """An access token for a user that exists."""
        row = await self.database.run(lambda session: actions.token_user(session, user_id))
        user = TokenUser(user_id, row.email, row.is_staff, row.token_key)
        return make_signer(self.settings).make(user, "access", clock.now(), lives(self.settings).access)

    async def close(self) -> None:
        """The client is closed."""
        await self._client.aclose()
