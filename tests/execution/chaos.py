"""A schema of every kind of field and value, for the differential test, and rows that are sometimes wrong.

Everything is a pure function of the context's seed, so that the engine and the reference see the same world.
"""

from __future__ import annotations

import datetime as dt
import enum
import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Generic, NewType, TypeVar

import strawberry
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from shop.execution import Selection, batch_field

T = TypeVar("T")

Stamp = NewType("Stamp", dt.datetime)
CONFIG = StrawberryConfig(
    scalar_map={Stamp: strawberry.scalar(name="Stamp", serialize=lambda v: v.isoformat(), parse_value=str)}
)


class Gone(Exception):
    """What a guard and failing functions raise."""


@dataclass
class Context:
    """One request's world: `rate` is the share of values that are not what their types say."""

    seed: int
    rate: float = 0.0
    staff: bool = True
    effects: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)

    def roll(self, *key: object) -> float:
        """A number in [0, 1) that depends on the seed and the key only."""
        return zlib.crc32(repr((self.seed, key)).encode()) / 2**32

    def odd(self, *key: object) -> bool:
        """Whether the value of that key is to be wrong."""
        return self.roll("odd", *key) < self.rate

    def pick(self, right: Any, wrong: list[Any], *key: object) -> Any:
        """The right value, or now and then one of the others."""
        return wrong[int(self.roll("which", *key) * len(wrong))] if self.odd(*key) else right


def staff_only(context: Context) -> None:
    """Raises: Gone."""
    if not context.staff:
        raise Gone("staff only")


@strawberry.enum
class Color(enum.Enum):
    RED = "r"
    GREEN = "g"
    BLUE = strawberry.enum_value("b", name="AZURE")


class Text(str):
    """A string that is not exactly a string."""

    __slots__ = ()


@strawberry.input
class Where:
    color: Color | None = None
    least: int = 0
    names: list[str] | None = None
    inner: Where | None = None


@strawberry.interface
class Thing:
    id: strawberry.ID
    name: str | None
    tags: list[str]

    @batch_field
    @staticmethod
    async def notes(
        parents: list[Thing], context: Context, first: int = 2, color: Color | None = None
    ) -> list[list[str]]:
        context.ran.append("notes")
        return [
            context.pick(
                [f"{parent.id}{color.name if color else '-'}{n}" for n in range(first)],
                [None, [None], ()],
                parent.id,
                "notes",
            )
            for parent in parents
        ]

    @batch_field(guard=staff_only)
    @staticmethod
    async def secret(parents: list[Thing], context: Context) -> list[str | None]:
        context.ran.append("secret")
        return [context.pick("s" + parent.id, [None, 5, Gone("no secret")], parent.id, "secret") for parent in parents]


@strawberry.type
class Leaf(Thing):
    integer: int
    integer_or_null: int | None
    number: float
    number_or_null: float | None
    flag: bool
    flag_or_null: bool | None
    text: str
    color: Color
    color_or_null: Color | None
    colors: list[Color | None] | None
    stamp: Stamp
    stamp_or_null: Stamp | None
    amount: Decimal
    json: JSON | None

    @strawberry.field
    def shout(self, mark: str = "!", times: int = 1, color: Color = Color.RED) -> str:
        if times > 3:
            raise Gone("too loud")
        return f"{self.id}{mark * times}{color.value}"

    @strawberry.field
    def filtered(self, where: Where | None = None, names: list[str] | None = None) -> str | None:
        return None if where is None else f"{where.color}{where.least}{where.names}{where.inner is None}{names}"

    @batch_field
    @staticmethod
    async def required(parents: list[Leaf], context: Context) -> list[int]:
        context.ran.append("required")
        return [context.pick(7, [None, "x", Gone("one parent")], parent.id, "required") for parent in parents]

    @batch_field
    @staticmethod
    async def document(parents: list[Leaf], context: Context, key: str = "k") -> list[JSON | None]:
        return [
            context.pick({key: [1, {"a": None}]}, [None, Gone("json")], parent.id, "document") for parent in parents
        ]

    @batch_field
    @staticmethod
    async def owner(parents: list[Leaf], context: Context, where: Where | None = None) -> list[Box | None]:
        context.ran.append("owner")
        if any(context.odd(parent.id, "owner") for parent in parents):
            raise Gone("all parents")
        least = where.least if where else 0
        return [None if n % 3 == least % 3 else box(context, f"{parent.id}o") for n, parent in enumerate_ids(parents)]


@strawberry.type
class OtherLeaf(Leaf):
    other: str = "other"


@strawberry.type
class Ghost:
    id: strawberry.ID
    fear: float | None

    @batch_field
    @staticmethod
    async def haunts(parents: list[Ghost], context: Context) -> list[list[Box | None]]:
        return [[box(context, f"{parent.id}h"), None] for parent in parents]


Any_ = Annotated[Leaf | Ghost, strawberry.union("Any")]


@strawberry.type
class Page(Generic[T]):
    items: list[T]
    total: int | None

    @batch_field
    @staticmethod
    async def last(parents: list[Page[T]], context: Context) -> list[T | None]:
        return [parent.items[-1] if parent.items else None for parent in parents]


@strawberry.type
class Box(Thing):
    main: Leaf
    spare: Leaf | None
    things: list[Thing | None]
    grid: list[list[Leaf]] | None
    any: Any_ | None

    @strawberry.field
    def computed(self, deep: bool = False) -> Leaf | None:
        return self.spare if deep else self.main

    @strawberry.field
    def knows(self, info: strawberry.Info[Context, None]) -> str:
        return f"{info.field_name} {self.id}"

    @batch_field
    @staticmethod
    async def leaves(parents: list[Box], context: Context, first: int, selection: Selection) -> list[Page[Leaf]]:
        context.ran.append("leaves")
        total = first if "total" in selection else None
        values = [
            Page(items=[leaf(context, f"{parent.id}{n}") for n in range(min(first, 4))], total=total)
            for parent in parents
        ]
        return values[:-1] if any(context.odd(parent.id, "leaves") for parent in parents) else values

    @batch_field
    @staticmethod
    async def friend(parents: list[Box], context: Context) -> list[Thing | None]:
        return [
            context.pick(
                leaf(context, f"{parent.id}f") if n % 2 else box(context, f"{parent.id}f"),
                [None, ghost(context, parent.id), "friend"], parent.id, "friend",
            )
            for n, parent in enumerate_ids(parents)
        ]  # fmt: skip


def enumerate_ids(parents: list[Any]) -> list[tuple[int, Any]]:
    """Each parent with a number that depends on its id alone, not on its place in the batch."""
    return [(zlib.crc32(parent.id.encode()) % 7, parent) for parent in parents]


def leaf(context: Context, id: str, cls: type[Leaf] = Leaf) -> Leaf:
    """A leaf, wrong here and there."""

    def pick(name: str, right: Any, *wrong: Any) -> Any:
        return context.pick(right, [None, *wrong], id, name)

    if cls is Leaf and context.odd(id, "class"):
        cls = OtherLeaf
    return cls(
        id=pick("id", strawberry.ID(id), 12, 1.5),
        name=pick("name", f"leaf {id}", Text("text"), 3),
        tags=pick("tags", ["a", id], ("a", "b"), "ab", [1], [None]),
        integer=pick("integer", len(id), 2**40, "5", 5.0, True),
        integer_or_null=pick("integer?", None if len(id) % 2 else -1, -(2**31) - 1, "x"),
        number=pick("number", 1.5, 2, float("nan"), float("inf"), "1.5"),
        number_or_null=pick("number?", None, 3),
        flag=pick("flag", True, 1, "yes"),
        flag_or_null=pick("flag?", None, False),
        text=pick("text", "täxt\n\"'{}\\", Text("t"), 5, True),
        color=pick("color", Color.BLUE, "b", "nope", Color.RED),
        color_or_null=pick("color?", None, Color.GREEN),
        colors=pick("colors", [Color.RED, None], [Color.RED, "x"], (Color.RED,)),
        stamp=pick("stamp", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "not a date"),
        stamp_or_null=pick("stamp?", None, dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
        amount=pick("amount", Decimal("1.20"), "1.2", 5),
        json=pick("json", {"a": [1, None]}, [], "x", Gone("json")),
    )


def ghost(context: Context, id: str) -> Ghost:
    """A ghost."""
    return Ghost(id=strawberry.ID("g" + id), fear=context.pick(0.5, [None, "x"], id, "fear"))


def box(context: Context, id: str, depth: int = 0) -> Box:
    """A box with everything in it."""

    def pick(name: str, right: Any, *wrong: Any) -> Any:
        return context.pick(right, [None, *wrong], id, name)

    spare = leaf(context, id + "s")
    things: list[Any] = [leaf(context, id + "t"), None]
    if depth < 2:
        things.append(box(context, id + "b", depth + 1))
    return Box(
        id=strawberry.ID(id),
        name=pick("name", None, "named"),
        tags=[],
        main=pick("main", leaf(context, id + "m"), ghost(context, id), leaf(context, id, OtherLeaf)),
        spare=pick("spare", spare if len(id) % 2 else None, Gone("spare")),
        things=pick("things", things, tuple(things), [ghost(context, id)]),
        grid=pick("grid", [[spare], []] if len(id) % 2 else None, [None], [[None]], "grid"),
        any=pick("any", spare if len(id) % 3 else ghost(context, id), box_stub(context, id)),
    )


def box_stub(context: Context, id: str) -> Any:
    """Something that is in no union."""
    return Page(items=[], total=0)


@strawberry.type
class Complaint:
    field: str | None
    message: str
    code: Color


@strawberry.type
class MakePayload:
    errors: list[Complaint]
    box: Box | None
    leaf: Leaf


@strawberry.type
class Query:
    @strawberry.field
    async def things(self, info: strawberry.Info[Context, None], first: int = 2) -> list[Thing]:
        context = info.context
        return [leaf(context, f"q{n}") if n % 2 else box(context, f"q{n}") for n in range(min(first, 3))]

    @strawberry.field
    async def box(self, info: strawberry.Info[Context, None], id: strawberry.ID) -> Box | None:
        return None if id == "none" else box(info.context, id)

    @strawberry.field
    def leaf(self, info: strawberry.Info[Context, None], id: strawberry.ID | None = None) -> Leaf:
        return leaf(info.context, id or "l")

    @strawberry.field
    async def any(self, info: strawberry.Info[Context, None], ghostly: bool) -> Any_ | None:
        return ghost(info.context, "a") if ghostly else leaf(info.context, "a")

    @strawberry.field
    async def page(self, info: strawberry.Info[Context, None], where: Where | None = None) -> Page[Leaf]:
        count = where.least if where else 1
        return Page(items=[leaf(info.context, f"p{n}") for n in range(min(max(count, 0), 3))], total=count)

    @strawberry.field
    def number(self, info: strawberry.Info[Context, None]) -> int:
        return info.context.pick(3, [None, "x"], "number")  # type: ignore[no-any-return]

    @strawberry.field
    async def raises(self, text: str = "raised") -> Box | None:
        raise Gone(text)


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def make(self, info: strawberry.Info[Context, None], name: str, count: int = 1) -> MakePayload:
        context = info.context
        context.effects.append(name)
        return MakePayload(
            errors=[Complaint(field=None, message=name, code=Color.RED)] * min(count, 3),
            box=None if context.odd("make") else box(context, name),
            leaf=context.pick(leaf(context, name), [None], "leaf"),
        )

    @strawberry.mutation
    async def drop(self, info: strawberry.Info[Context, None], id: strawberry.ID) -> Leaf | None:
        info.context.effects.append(f"drop {id}")
        return info.context.pick(leaf(info.context, id), [None, ghost(info.context, id)], "drop")  # type: ignore[no-any-return]
