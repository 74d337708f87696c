"""A small library's schema for the tests: rows with every kind of field, and batch functions that count their calls."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Generic, TypeVar

import strawberry

from shop.execution import Selection, batch_field

T = TypeVar("T")


class Refused(Exception):
    """A guard's answer."""


class Unreachable(Exception):
    """The database is gone."""


@dataclass
class Context:
    """One request: what may be seen, and what was called with how many parents."""

    staff: bool = True
    down: bool = False
    calls: list[tuple[str, int]] = field(default_factory=list)
    running: int = 0
    clashes: int = 0

    def count(self, name: str, parents: list[T]) -> None:
        """Record one call of a batch function."""
        self.calls.append((name, len(parents)))


def staff_only(context: Context) -> None:
    """Raises: Refused."""
    if not context.staff:
        raise Refused("staff only")


@strawberry.enum
class Language(enum.Enum):
    EN = "en"
    DE = "de"


@strawberry.type
class Translation:
    language: Language
    text: str


@strawberry.interface
class Node:
    id: strawberry.ID

    @batch_field(description="Notes on any node.", guard=staff_only)
    @staticmethod
    async def notes(parents: list[Node], context: Context) -> list[list[str]]:
        context.count("notes", parents)
        return [[f"note {parent.id}"] for parent in parents]


@strawberry.type
class Author(Node):
    name: str

    @batch_field
    @staticmethod
    async def books(parents: list[Author], context: Context, first: int = 2) -> list[list[Book]]:
        context.count("books", parents)
        return [
            [Book(id=strawberry.ID(f"b{n}"), title=f"{parent.name} {n}") for n in range(first)] for parent in parents
        ]


@strawberry.type
class Page(Generic[T]):
    items: list[T]
    total: int | None

    @batch_field
    @staticmethod
    async def last(parents: list[Page[T]], context: Context) -> list[T | None]:
        return [parent.items[-1] if parent.items else None for parent in parents]


@strawberry.type
class Book(Node):
    title: str

    @strawberry.field
    def shouted(self, mark: str = "!") -> str:
        return self.title.upper() + mark

    @batch_field(description="The title in another language.", name="translation", deprecation_reason="old")
    @staticmethod
    async def translation(
        parents: list[Book],
        context: Context,
        language: Annotated[Language, strawberry.argument(description="Which one.", name="languageCode")],
    ) -> list[Translation | None]:
        context.count("translation", parents)
        return [
            Translation(language=language, text=f"{language.value}:{parent.title}")
            if not parent.id.endswith("0")
            else None
            for parent in parents
        ]

    @batch_field
    @staticmethod
    async def author(
        parents: list[Book], context: Context
    ) -> list[Annotated[Author, strawberry.lazy("tests.execution.world")] | None]:
        context.count("author", parents)
        return [Author(id=strawberry.ID("a1"), name="Ann") for _ in parents]

    @batch_field
    @staticmethod
    async def slow(parents: list[Book], context: Context) -> list[int]:
        context.count("slow", parents)
        context.running += 1
        context.clashes += context.running > 1
        for _ in range(5):
            await asyncio.sleep(0)
        context.running -= 1
        return [1 for _ in parents]

    @batch_field
    @staticmethod
    async def maybe(parents: list[Book], context: Context) -> list[int | None]:
        return [ValueError("no rating") if parent.id == "b1" else 5 for parent in parents]  # type: ignore[misc]

    @batch_field
    @staticmethod
    async def rating(parents: list[Book], context: Context) -> list[int]:
        context.count("rating", parents)
        return [ValueError("no rating") if parent.id == "b1" else 5 for parent in parents]  # type: ignore[misc]

    @batch_field
    @staticmethod
    async def similar(parents: list[Book], context: Context, first: int, selection: Selection) -> list[Page[Book]]:
        context.count("similar", parents)
        total = 7 if "total" in selection else None
        return [Page(items=[Book(id=strawberry.ID("s0"), title="Same")] * first, total=total) for _ in parents]


@strawberry.type
class Query:
    @strawberry.field
    async def books(self, info: strawberry.Info[Context, None], first: int = 3) -> list[Book]:
        return [Book(id=strawberry.ID(f"b{n}"), title=f"Book {n}") for n in range(first)]

    @strawberry.field
    async def node(self, id: strawberry.ID) -> Node | None:
        return Author(id=id, name="Ann") if id.startswith("a") else Book(id=id, title="Book")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def shelves(self) -> AsyncIterator[list[Book]]:
        for count in (1, 2):
            yield [Book(id=strawberry.ID(f"b{n}"), title=f"Book {n}") for n in range(count)]
