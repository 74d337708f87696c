"""A request with a key, from its claim to its answer. Each step is one statement, so that none leaves half of it."""

import uuid
from dataclasses import dataclass, field
from typing import Final, Literal

from sqlalchemy import Text, Uuid, bindparam, delete, func, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shop.idempotency.errors import AttemptLost, KeyReused
from shop.idempotency.models import KeyedRequest
from shop.idempotency.queries import BY_ID, LEASE, LIFE
from shop.kit.db import send


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a request: `key` is a digest of caller and key, `fingerprint` one of what is asked for."""

    key: str
    fingerprint: str
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the attempt may begin (`CLAIMED`), or what became of another one; `sealed` is its answer."""

    status: Literal["CLAIMED", "RUNNING", "DONE"]
    sealed: str | None = None


_insert: Final = insert(KeyedRequest).values(
    id=bindparam("key", type_=Text),
    fingerprint=bindparam("asked", type_=Text),
    attempt=bindparam("own", type_=Uuid()),
)
_CLAIM: Final = _insert.on_conflict_do_update(
    index_elements=["id"],
    set_={
        "fingerprint": _insert.excluded.fingerprint,
        "attempt": _insert.excluded.attempt,
        "status": "RUNNING",
        "sealed": None,
        "claimed_at": func.now(),
    },
    where=or_(
        KeyedRequest.claimed_at < func.now() - LIFE,
        (KeyedRequest.status == "RUNNING")
        & (KeyedRequest.claimed_at < func.now() - LEASE)
        & (KeyedRequest.fingerprint == _insert.excluded.fingerprint),
    ),
).returning(KeyedRequest.id)

_own: Final = (KeyedRequest.id == bindparam("key", type_=Text)) & (
    KeyedRequest.attempt == bindparam("own", type_=Uuid())
)
_DONE: Final = update(KeyedRequest).where(_own).values(status="DONE").returning(KeyedRequest.id)
_ANSWER: Final = update(KeyedRequest).where(_own).values(status="DONE", sealed=bindparam("answer", type_=Text))
_RELEASE: Final = delete(KeyedRequest).where(_own, KeyedRequest.status == "RUNNING")
_FORGET: Final = delete(KeyedRequest).where(KeyedRequest.claimed_at < func.now() - LIFE)


async def claim(session: AsyncSession, attempt: Attempt) -> Standing:
    """The key is this attempt's, or the answer says whose it is. Raises: KeyReused."""
    # Looked at first: who claims would wait for the transaction of whoever has the key.
    found = await send(session, BY_ID, key=attempt.key)
    if not found or found[0]["is_forgotten"] or found[0]["is_dead"]:
        if await send(session, _CLAIM, key=attempt.key, asked=attempt.fingerprint, own=attempt.id):
            return Standing("CLAIMED")
        found = await send(session, BY_ID, key=attempt.key)
        if not found:
            return Standing("RUNNING")
    [(fingerprint, status, sealed, _, _)] = found
    if fingerprint != attempt.fingerprint:
        raise KeyReused
    return Standing(status, sealed)


async def carried_out(session: AsyncSession, attempt: Attempt) -> None:
    """With this transaction, what was asked for is done: nobody does it again, whatever becomes of the answer.

    Raises: AttemptLost.
    """
    if not await send(session, _DONE, key=attempt.key, own=attempt.id):
        raise AttemptLost


async def keep_answer(session: AsyncSession, attempt: Attempt, sealed: str) -> None:
    """Who asks again with the key gets this answer."""
    await send(session, _ANSWER, key=attempt.key, own=attempt.id, answer=sealed)


async def release(session: AsyncSession, attempt: Attempt) -> None:
    """The attempt failed and the key is free again, unless what was asked for is done all the same."""
    await send(session, _RELEASE, key=attempt.key, own=attempt.id)


async def forget(session: AsyncSession) -> None:
    """Keys of yesterday are gone, with their answers."""
    await send(session, _FORGET)
