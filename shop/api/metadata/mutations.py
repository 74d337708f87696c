"""Writing metadata of any object by its ID. Which types there are, and who may write them, stands in `_KINDS`."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import strawberry

from shop.api.checkout.inputs import actor
from shop.api.checkout.lines import line_of
from shop.api.checkout.types import checkout_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_uuid
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.metadata.errors import MetadataError
from shop.api.metadata.inputs import MetadataInput, entries
from shop.checkout import actions
from shop.checkout.queries import of, priced
from shop.checkout.rules import Cart, Line
from shop.kit import ids
from shop.kit.errors import Invalid, NotFound

ObjectId = Annotated[strawberry.ID, strawberry.argument(description="The object's ID.")]


@strawberry.type(description="The object with its metadata.")
class _Written(Payload):
    item: ObjectWithMetadata | None = strawberry.field(default=None, description="The object.")
    errors: list[MetadataError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def metadata_errors(self) -> list[MetadataError]:
        return self.errors


@strawberry.type(description="The object with its new public metadata.")
class UpdateMetadata(_Written):
    pass


@strawberry.type(description="The object without the removed keys.")
class DeleteMetadata(_Written):
    pass


@dataclass(frozen=True, slots=True)
class _Kind:
    """How public metadata of a type is written."""

    update: Callable[[Context, str, Mapping[str, str]], Awaitable[ObjectWithMetadata]]
    delete: Callable[[Context, str, Collection[str]], Awaitable[ObjectWithMetadata]]


async def _update_checkout(context: Context, id: str, values: Mapping[str, str]) -> ObjectWithMetadata:
    key = required_uuid(id, "Checkout", field="id")
    return checkout_of(await actions.update_metadata(context.session, key, values, actor=actor(context)))


async def _delete_checkout(context: Context, id: str, keys: Collection[str]) -> ObjectWithMetadata:
    key = required_uuid(id, "Checkout", field="id")
    return checkout_of(await actions.delete_metadata(context.session, key, keys, actor=actor(context)))


async def _update_line(context: Context, id: str, values: Mapping[str, str]) -> ObjectWithMetadata:
    key = required_uuid(id, "CheckoutLine", field="id")
    return await _line(context, *await actions.update_line_metadata(context.session, key, values, actor=actor(context)))


async def _delete_line(context: Context, id: str, keys: Collection[str]) -> ObjectWithMetadata:
    key = required_uuid(id, "CheckoutLine", field="id")
    return await _line(context, *await actions.delete_line_metadata(context.session, key, keys, actor=actor(context)))


async def _line(context: Context, cart: Cart, line: Line) -> ObjectWithMetadata:
    whole = (await priced(of(context.session), [cart.id], now=context.now))[cart.id]
    return line_of(cart, line, whole.totals.lines[line.id])


_KINDS: Final[Mapping[str, _Kind]] = {
    "Checkout": _Kind(_update_checkout, _delete_checkout),
    "CheckoutLine": _Kind(_update_line, _delete_line),
}


@strawberry.type
class MetadataMutations:
    """Mutations of metadata."""

    @mutation(description="Sets public metadata of an object; keys that are not named stay as they are.")
    async def update_metadata(
        self,
        info: Info,
        id: ObjectId,
        input: Annotated[list[MetadataInput], strawberry.argument(description="Keys with their new values.")],
    ) -> UpdateMetadata | None:
        values = entries(input, field="input")
        return UpdateMetadata(item=await _kind(id).update(info.context, id, values))

    @mutation(description="Removes keys of an object's public metadata.")
    async def delete_metadata(
        self,
        info: Info,
        id: ObjectId,
        keys: Annotated[list[str], strawberry.argument(description="The keys to remove.")],
    ) -> DeleteMetadata | None:
        return DeleteMetadata(item=await _kind(id).delete(info.context, id, set(keys)))


def _kind(id: str) -> _Kind:
    name = ids.type_of(id)
    if name is None:
        raise Invalid(f"Invalid ID: {id}.", field="id", code="GRAPHQL_ERROR")
    kind = _KINDS.get(name)
    if kind is None:
        raise NotFound("There is no such object with metadata to write.", field="id")
    return kind
