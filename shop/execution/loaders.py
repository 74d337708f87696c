"""Batch fields under graphql-core: objects come one by one, a loader per field node collects them into batches.

graphql-core asks for the value of one field of one object at a time. `Loaders.load` answers with a future and puts the
object into the queue of its field node. A single task per request then takes the queues one after another and calls
the batch function of each, so that at most one batch function of a request runs at any moment: the context may hold
one database connection and hand it to all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from graphql import FieldNode

from shop.execution.batch import BatchField, call


class _Queue:
    """The parents that wait for one field node, with one future each; the same object is asked for only once."""

    __slots__ = ("arguments", "context", "field", "node", "waiting")

    def __init__(self, field: BatchField, node: FieldNode, context: Any, arguments: Mapping[str, Any]) -> None:
        self.field = field
        self.node = node  # held, so that its id stays its own while it is a key
        self.context = context
        self.arguments = dict(arguments)
        # By identity: strawberry's types compare by value and cannot be hashed.
        self.waiting: dict[int, tuple[Any, asyncio.Future[Any]]] = {}


class Loaders:
    """The loaders of one request.

    Locks: none; everything happens in one event loop, and batches run strictly one after another.
    """

    __slots__ = ("_closing", "_queues", "_task")

    def __init__(self) -> None:
        self._queues: dict[tuple[int, int], _Queue] = {}
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def load(
        self, field: BatchField, node: FieldNode, parent: Any, context: Any, arguments: Mapping[str, Any]
    ) -> asyncio.Future[Any]:
        """A future with the value of `field` for `parent`, fulfilled by a batch with everyone who asks meanwhile."""
        loop = asyncio.get_running_loop()
        if self._closing:
            # A straggler of a root that has been answered: its null has already propagated past it.
            cancelled: asyncio.Future[Any] = loop.create_future()
            cancelled.cancel()
            return cancelled
        key = (id(node), id(field))
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue(field, node, context, arguments)
        entry = queue.waiting.get(id(parent))
        if entry is None:
            entry = queue.waiting[id(parent)] = (parent, loop.create_future())
        if self._task is None:
            self._task = loop.create_task(self._run())
        # Shielded by hand: one waiter that is cancelled must not take the value away from another.
        return _follow(entry[1])

    async def _run(self) -> None:
        try:
            while self._queues:
                await self._gathered()
                if not self._queues:
                    break
                key = next(iter(self._queues))
                await self._serve(self._queues.pop(key))
        finally:
            self._task = None

    async def _gathered(self) -> None:
        """Wait until a turn of the loop has brought no new parent: the siblings have all asked."""
        before = -1
        while (now := sum(len(queue.waiting) for queue in self._queues.values())) != before:
            before = now
            await asyncio.sleep(0)

    async def _serve(self, queue: _Queue) -> None:
        entries = list(queue.waiting.values())
        try:
            values = await call(queue.field, [parent for parent, _ in entries], queue.context, queue.arguments)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for these values
            values = [error] * len(entries)
        except BaseException:
            for _, future in entries:
                future.cancel()
            raise
        for (_, future), value in zip(entries, values, strict=True):
            if future.done():
                continue
            if isinstance(value, Exception):
                future.set_exception(value)
                future.exception()  # marks it as seen: the waiter may have been given up on
            else:
                future.set_result(value)

    async def drain(self, background: set[asyncio.Future[Any]]) -> None:
        """After a root field: nothing of it is running or waiting any more.

        graphql-core answers as soon as a null has propagated to the root, while other branches may still wait for
        batches. Those are dropped, except the one that runs, which is awaited: only then is the connection free.
        """
        self._closing = True
        try:
            while self._task is not None or background:
                for queue in self._queues.values():
                    for _, future in queue.waiting.values():
                        future.cancel()
                self._queues.clear()
                pending = [*background, *([self._task] if self._task is not None else [])]
                await asyncio.wait(pending)
        except asyncio.CancelledError:
            if (task := self._task) is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            raise
        finally:
            self._closing = False


def _follow(source: asyncio.Future[Any]) -> asyncio.Future[Any]:
    """A future of its own with the outcome of `source`; cancelling it leaves `source` alone."""
    future: asyncio.Future[Any] = source.get_loop().create_future()

    def copy(done: asyncio.Future[Any]) -> None:
        if future.done():
            return
        if done.cancelled():
            future.cancel()
        elif (error := done.exception()) is not None:
            future.set_exception(error)
            future.exception()
        else:
            future.set_result(done.result())

    source.add_done_callback(copy)
    return future
