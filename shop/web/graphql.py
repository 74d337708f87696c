"""`POST /graphql/`: Saleor's wire over the execution engine; `GET` serves the explorer.

A request is answered with 200 whenever it was executed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson
import structlog
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from shop.api.accounts.auth import Authenticator
from shop.api.core.context import Context
from shop.api.core.errors import UNAVAILABLE, failure, to_wire
from shop.api.core.idempotency import Once
from shop.api.core.schema import Schema
from shop.changes.looking import Changes
from shop.execution import Documents, Limits, Reply, execute_document
from shop.idempotency.errors import AnswerLost, KeyReused, KeyUnusable, StillRunning
from shop.kit import clock, log
from shop.kit.db import Database
from shop.kit.errors import ShopError
from shop.kit.settings import Settings
from shop.web.answers import Answers, Place
from shop.web.bodies import BadRequest, read_operation

_log = structlog.get_logger(__name__)
# Mutations that test a password or a token: one a document, so that a request cannot try a hundred.
AUTH_FIELDS: Final = frozenset(
    {
        "accountDelete",
        "accountRegister",
        "accountRequestDeletion",
        "confirmAccount",
        "confirmEmailChange",
        "externalObtainAccessTokens",
        "passwordChange",
        "requestEmailChange",
        "requestPasswordReset",
        "setPassword",
        "tokenCreate",
        "tokenRefresh",
        "tokenVerify",
    }
)
_ALLOWED_HEADERS: Final = (
    "Origin, Content-Type, Accept, Authorization, Authorization-Bearer, Source-Service-Name, Idempotency-Key, "
    "X-Requested-With"
)
# By what keeps a request with an Idempotency-Key from being carried out.
_KEY_STATUS: Final[dict[type[ShopError], int]] = {KeyUnusable: 400, StillRunning: 409, AnswerLost: 409, KeyReused: 422}
# What says whether an answer was made for this request. Source: RFC 9211.
_KEPT: Final = {"Cache-Control": "no-cache", "Cache-Status": "shop; hit"}
_MISSED: Final = {"Cache-Status": "shop; fwd=miss"}
_POST: Final = "Send operations by POST, as JSON."


def limits(settings: Settings) -> Limits:
    """The document guard's limits, from the settings."""
    return Limits(
        characters=settings.request_body_max_bytes,
        tokens=settings.graphql_max_tokens,
        definitions=settings.graphql_max_definitions,
        nesting=settings.graphql_max_nesting,
        selections=settings.graphql_max_selections,
        overlaps=settings.graphql_max_overlaps,
        directives=settings.graphql_max_directives,
        auth_mutations=settings.graphql_max_auth_mutations,
        page_default=settings.graphql_default_page_size,
        depth=settings.graphql_max_depth,
        aliases=settings.graphql_max_aliases,
        mutations=settings.graphql_max_mutations,
        cost=settings.graphql_max_cost,
        auth_fields=AUTH_FIELDS,
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, whether something in it belongs to the caller, and its bytes where others may get the same."""

    reply: Reply
    is_private: bool
    body: bytes | None = None


class GraphQL:
    """The endpoint as an ASGI application, and `execute` for the storefront in the same process."""

    def __init__(
        self,
        schema: Schema,
        settings: Settings,
        database: Database,
        explorer: Callable[[Request], Response],
    ) -> None:
        self.schema = schema
        self.settings = settings
        self.database = database
        self.explorer = explorer
        self.authenticator = Authenticator(settings)
        self.documents = Documents(
            schema,
            limits(settings),
            max_bytes=settings.graphql_document_cache_bytes,
            suggestions=not settings.production,
        )
        self.once = Once(settings, self.documents)
        self.answers = Answers(Changes(database), settings.response_cache_bytes)

    async def close(self) -> None:
        """What this object keeps open beside the database's pool is closed."""
        await self.answers.changes.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        request = Request(scope, receive)
        origin = cors(request.headers)
        if request.method == "POST":
            response = await self.post(request)
        elif request.method == "OPTIONS":
            response = Response(status_code=200)
        elif request.method in {"GET", "HEAD"} and not _is_for_a_program(request):
            response = self.explorer(request)
        else:
            response = _json(BadRequest(405, _POST).body, 405, {"Allow": "GET, POST, OPTIONS"})
        response.headers.update(origin)
        response.headers["X-Content-Type-Options"] = "nosniff"
        await response(scope, receive, send)

    async def post(self, request: Request) -> Response:
        """The answer to an operation."""
        try:
            asked = await read_operation(request, self.settings)
        except BadRequest as error:
            return _json(error.body, error.status)
        except ClientDisconnect:
            return Response(status_code=400)
        state = request.scope.setdefault("state", {})
        place = await self._place(request, asked.query, asked.variables, asked.name)
        if place is not None and place.answer is not None:
            state["operation"], state["kept"] = place.answer.operation, True
            return Response(place.answer.body, headers=_KEPT, media_type="application/json")
        before = self.documents.stats.fallbacks
        try:
            key = request.headers.get("idempotency-key")
            answered = await self.run(request, asked.query, asked.variables, asked.name, key, place)
        except (KeyUnusable, KeyReused, StillRunning, AnswerLost) as error:
            status = _KEY_STATUS[type(error)]
            headers = {"Cache-Control": "no-store"} | ({"Retry-After": "2"} if status == 409 else {})
            return _json(_refused(error), status, headers)
        reply = answered.reply
        # Those of a request beside this one are among them: whoever looks for the cause finds both lines.
        state["fallbacks"] = self.documents.stats.fallbacks - before or None
        state["operation"] = reply.operation_name or (reply.operation.value if reply.operation else None)
        state["errors"] = len(reply.errors) or None
        status = 400 if reply.refusal is not None else 200
        headers = {"Cache-Control": "no-store" if answered.is_private else "no-cache"}
        if answered.body is not None:
            return Response(answered.body, headers=headers | _MISSED, media_type="application/json")
        if reply.is_replay:
            headers["Idempotent-Replayed"] = "true"
        if any(_code(error) == UNAVAILABLE for error in reply.errors):
            status, headers["Retry-After"] = 503, "2"
        return _json(reply.body(), status, headers)

    async def execute(
        self, request: Request, document: str, operation_name: str, variables: dict[str, Any], token: str | None
    ) -> dict[str, Any]:
        """For the storefront: the same as over HTTP, without HTTP; the caller is the owner of the access token."""
        # Whatever credentials came with the page's own request were meant for a proxy, not for the API.
        headers = [pair for pair in request.scope["headers"] if not pair[0].startswith(b"authorization")]
        if token is not None:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        request = Request({**request.scope, "headers": headers})
        place = await self._place(request, document, variables, operation_name)
        if place is not None and place.answer is not None:
            kept: dict[str, Any] = orjson.loads(place.answer.body)
            return kept
        answered = await self.run(request, document, variables, operation_name, place=place)
        return answered.reply.body()

    async def _place(
        self, request: Request, query: str, variables: dict[str, Any] | None, operation_name: str | None
    ) -> Place | None:
        """Where the answer is kept, if the request has none but its own words to tell what it should be.

        One look for changes serves all that a page asks, since whatever it tells was so when the page was asked for.
        """
        if self.settings.response_cache_bytes == 0 or not self.documents.is_query(query, operation_name):
            return None
        state = request.scope.setdefault("state", {})
        place = await self.answers.place(
            request.headers, self._base_url(request), query, variables, operation_name, looked=state.get("looked")
        )
        if place is not None:
            state["looked"] = place.stamp
        return place

    def _base_url(self, request: Request) -> str:
        return self.settings.public_url or str(request.base_url).rstrip("/")

    async def run(
        self,
        request: Request,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        key: str | None = None,
        place: Place | None = None,
    ) -> Answered:
        """The reply. `key`: the client's Idempotency-Key; `place`: where it is kept, if others may get the same.

        Raises: KeyUnusable, KeyReused, StillRunning, AnswerLost.
        """
        reader = self.database.reader()
        try:
            try:
                caller = await self.authenticator.caller(reader, request.headers)
            except Exception as error:  # noqa: BLE001 - told, or masked, like an error of any field
                return Answered(Reply(errors=[failure(error)]), is_private=True)
            context = Context(
                database=self.database,
                settings=self.settings,
                reader=reader,
                caller=caller,
                now=clock.now(),
                base_url=self._base_url(request),
                client_address=request.client.host if request.client else "",
                headers=dict(request.headers),
            )
            execute = partial(
                execute_document,
                self.schema,
                self.documents,
                query,
                variables,
                operation_name,
                context,
                format_error=to_wire,
            )
            if key is None:
                reply = await execute()
            else:
                try:
                    reply = await self.once.run(context, key, query, variables, operation_name, execute)
                except ShopError:
                    raise
                except Exception as error:  # noqa: BLE001 - the key could not be looked up: nothing was run
                    reply = Reply(errors=[failure(error)])
            if not reply.is_query:
                # What the page reads next must tell of this.
                request.scope.setdefault("state", {}).pop("looked", None)
            is_private = context.is_private or context.caller.is_authenticated or key is not None
            body = None if place is None else await self._keep(place, reply, context, is_private=is_private)
            return Answered(reply, is_private, body)
        finally:
            await reader.close()

    async def _keep(self, place: Place, reply: Reply, context: Context, *, is_private: bool) -> bytes | None:
        """The reply's bytes, which are kept if they may be; None where they are only for this caller."""
        if reply.errors:
            return None
        if is_private:
            self.answers.pass_over(place)
            return None
        body = orjson.dumps(reply.body())
        try:
            await self.answers.keep(place, body, reply.operation_name or "query", context.reader, until=context.until)
        except Exception as error:  # noqa: BLE001 - the visitor has an answer, whatever becomes of its copy
            _log.warning("answers.not_kept", error=log.brief(error))
        return body


def _is_for_a_program(request: Request) -> bool:
    """Whether a GET comes of a client that sends its operations so, and not of a person who looks for the explorer."""
    return "query" in request.query_params and "text/html" not in request.headers.get("accept", "")


def cors(headers: Headers) -> dict[str, str]:
    """Any origin may call: the API knows its callers by a header, never by a cookie."""
    origin = headers.get("origin")
    if not origin:
        return {"Vary": "Origin"}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Expose-Headers": "Idempotent-Replayed, Retry-After",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }


def _refused(error: ShopError) -> dict[str, Any]:
    return {"errors": [{"message": error.message, "extensions": {"exception": {"code": error.code}}}]}


def _code(error: dict[str, Any]) -> Any:
    return error.get("extensions", {}).get("exception", {}).get("code")


def _json(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status_code=status, headers=headers, media_type="application/json")
