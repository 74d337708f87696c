"""A request that may be sent again: by its `Idempotency-Key` it is carried out once, and answered alike for a day.

Whose key it is follows from the caller; a guest is known by the random ids in the request (the checkout's), and one
who has none yet by the key itself, which has to be random then.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final

import orjson
import structlog
from graphql import FieldNode, OperationDefinitionNode, OperationType, StringValueNode, Visitor, visit

from shop.api.core.context import Context
from shop.api.core.errors import MASKED, UNAVAILABLE
from shop.api.core.uploads import UploadedFile
from shop.execution import Documents, Reply
from shop.idempotency.actions import Attempt, Standing, claim, keep_answer, release
from shop.idempotency.errors import AnswerLost, KeyUnusable, StillRunning
from shop.kit import ids, keys
from shop.kit.log import brief
from shop.kit.settings import Settings

WAIT_SECONDS: Final = 5.0
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4)
_LONGEST_KEY: Final = 255
_AS_ASKED: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS
_PURPOSE: Final = "answers kept by idempotency key"
_log = structlog.get_logger(__name__)


class Once:
    """Carries requests with a key out once. One per endpoint."""

    def __init__(self, settings: Settings, documents: Documents, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._documents = documents
        self._wait_seconds = wait_seconds
        root = settings.secret_key
        self._secret = None if root is None else keys.derive(root.get_secret_value(), _PURPOSE)

    async def run(
        self,
        context: Context,
        key: str,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        execute: Callable[[], Awaitable[Reply]],
    ) -> Reply:
        """The answer of `execute`, or the one that an earlier request with this key got (`is_replay`).

        Queries change nothing and log-ins are not kept: for both the key has no meaning, and they just run.
        Raises: KeyUnusable, KeyReused, StillRunning, AnswerLost.
        """
        operation = self._mutation(query, operation_name)
        if operation is None:
            return await execute()
        if self._secret is None:
            raise KeyUnusable("This shop keeps no answers: SHOP_SECRET_KEY is not set.")
        scope = _scope(context, key, operation, variables or {})
        asked = orjson.dumps([query, operation_name, variables or {}], _digest, _AS_ASKED).decode()
        attempt = Attempt(keys.sign(self._secret, f"{scope}\n{key}"), keys.sign(self._secret, asked))
        standing = await self._claimed(context, attempt)
        if standing.sealed is not None:
            kept = orjson.loads(keys.decrypt(self._secret, standing.sealed, bound_to=attempt.key))
            return Reply(**kept, operation=OperationType.MUTATION, is_replay=True)
        context.attempt = attempt
        try:
            reply = await execute()
        finally:
            context.attempt = None
        await self._keep(context, attempt, reply, self._secret)
        return reply

    def _mutation(self, query: str, operation_name: str | None) -> OperationDefinitionNode | None:
        document = self._documents.get(query)
        operation = document.operation(operation_name) if document.refusal is None else None
        if not isinstance(operation, OperationDefinitionNode) or operation.operation is not OperationType.MUTATION:
            return None
        fields = operation.selection_set.selections
        if len(fields) != 1 or not isinstance(fields[0], FieldNode):
            raise KeyUnusable("An Idempotency-Key needs a document with exactly one mutation.")
        return None if fields[0].name.value in self._documents.limits.auth_fields else operation

    async def _claimed(self, context: Context, attempt: Attempt) -> Standing:
        """The claim, or the answer that is there."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._wait_seconds
        for pause in _pauses():
            standing = await context.database.run(lambda session: claim(session, attempt), context.reader)
            if standing.status == "CLAIMED" or standing.sealed is not None:
                return standing
            if loop.time() + pause > until:
                raise StillRunning if standing.status == "RUNNING" else AnswerLost
            # Who waits must not hold a connection that the other one may need.
            await context.reader.close()
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def _keep(self, context: Context, attempt: Attempt, reply: Reply, secret: bytes) -> None:
        failed = {MASKED, UNAVAILABLE} & {error["extensions"]["exception"]["code"] for error in reply.errors}
        try:
            if reply.refusal is not None or failed:
                await context.database.run(lambda session: release(session, attempt), context.reader)
                return
            kept = {
                "data": reply.data,
                "errors": reply.errors,
                "operation_name": reply.operation_name,
                "cost": reply.cost,
                "maximum_cost": reply.maximum_cost,
            }
            sealed = keys.encrypt(secret, orjson.dumps(kept).decode(), bound_to=attempt.key)
            await context.database.run(lambda session: keep_answer(session, attempt, sealed), context.reader)
        except Exception as error:  # noqa: BLE001 - what was asked for is done: its answer goes to whoever asked
            _log.warning("answer not kept", error=brief(error))


def _digest(value: Any) -> str:
    """What stands for a file, which is no JSON."""
    if isinstance(value, UploadedFile):
        return value.digest
    raise TypeError(value)


def _pauses() -> Iterator[float]:
    yield from _PAUSES
    while True:
        yield _PAUSES[-1]


def _scope(context: Context, key: str, operation: OperationDefinitionNode, variables: dict[str, Any]) -> str:
    """Whose key it is. Raises: KeyUnusable."""
    if not 0 < len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise KeyUnusable(f"An Idempotency-Key has 1 to {_LONGEST_KEY} printable ASCII characters.")
    if context.caller.user_id is not None:
        return f"user {context.caller.user_id}"
    secrets = sorted({*_random_ids(variables), *_random_ids(_texts(operation))})
    if secrets:
        return f"guest {' '.join(secrets)}"
    if not _is_uuid(key):
        raise KeyUnusable("Before there is a checkout, the Idempotency-Key of a guest has to be a random UUID.")
    return "guest"


def _texts(operation: OperationDefinitionNode) -> list[str]:
    found: list[str] = []

    class Collect(Visitor):
        def enter_string_value(self, node: StringValueNode, *_: object) -> None:
            found.append(node.value)

    visit(operation, Collect())
    return found


def _random_ids(value: Any) -> Iterator[str]:
    """The UUIDs in a value, bare or inside of global IDs: who knows one was told it."""
    if isinstance(value, str):
        text = ids.pk_of(value) or value
        if _is_uuid(text):
            yield str(uuid.UUID(text))
    elif isinstance(value, dict):
        for part in value.values():
            yield from _random_ids(part)
    elif isinstance(value, list):
        for part in value:
            yield from _random_ids(part)


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
