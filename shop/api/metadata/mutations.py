"""Writing metadata of any object by its ID, and removing keys of it."""

import uuid
from collections.abc import Collection, Mapping
from typing import Annotated, TypeVar

import strawberry

from shop.api.booking.inputs import holder, slot_from
from shop.api.checkout.inputs import actor
from shop.api.checkout.lines import line_of
from shop.api.checkout.types import checkout_of
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import required_int, required_uuid
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.mutation import mutation
from shop.api.core.payloads import Payload
from shop.api.metadata.errors import MetadataError
from shop.api.metadata.inputs import MetadataInput, entries
from shop.api.metadata.kinds import KINDS, loaded
from shop.checkout import actions
from shop.checkout.actions import slots
from shop.checkout.queries import of, priced
from shop.checkout.rules import Cart, Line
from shop.execution import batch_field
from shop.kit import ids
from shop.kit.db.metadata import Change, change_metadata
from shop.kit.errors import Invalid, NotFound

ObjectId = Annotated[strawberry.ID, strawberry.argument(description="The object's ID.")]
Keys = Annotated[list[str], strawberry.argument(description="The keys to remove.")]
Values = Annotated[list[MetadataInput], strawberry.argument(description="Keys with their new values.")]


@strawberry.type(description="The object with its metadata.")
class _Written(Payload):
    # The object itself, or its type and key: it is read once the change is stored.
    made: strawberry.Private[ObjectWithMetadata | None] = None
    written: strawberry.Private[tuple[str, int | uuid.UUID] | None] = None
    errors: list[MetadataError] = strawberry.field(default_factory=list, description="Expected errors.")

    @batch_field(description="The object.")
    @staticmethod
    async def item(parents: list["_Written"], context: Context) -> list[ObjectWithMetadata | None]:
        return [
            parent.made or (await loaded(context, *parent.written) if parent.written else None) for parent in parents
        ]

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def metadata_errors(self) -> list[MetadataError]:
        return self.errors


@strawberry.type(description="The object with its new public metadata.")
class UpdateMetadata(_Written):
    pass


@strawberry.type(description="The object without the removed keys.")
class DeleteMetadata(_Written):
    pass


@strawberry.type(description="The object with its new private metadata.")
class UpdatePrivateMetadata(_Written):
    pass


@strawberry.type(description="The object without the removed private keys.")
class DeletePrivateMetadata(_Written):
    pass


T = TypeVar("T", bound=_Written)


@strawberry.type
class MetadataMutations:
    """Mutations of metadata."""

    @mutation(
        description="Sets public metadata of an object; keys that are not named stay as they are. For who may change "
        "the object: a checkout's holder, staff with its permission, users for themselves and their addresses."
    )
    async def update_metadata(self, info: Info, id: ObjectId, input: Values) -> UpdateMetadata | None:
        values = entries(input, field="input")
        if (made := await _updated_checkout(info.context, id, values)) is not None:
            return UpdateMetadata(made=made)
        return await _change(info.context, UpdateMetadata, id, lambda held: {**held, **values})

    @mutation(description="Removes keys of an object's public metadata. For who may change the object.")
    async def delete_metadata(self, info: Info, id: ObjectId, keys: Keys) -> DeleteMetadata | None:
        if (made := await _shortened_checkout(info.context, id, set(keys))) is not None:
            return DeleteMetadata(made=made)
        return await _change(info.context, DeleteMetadata, id, _without(set(keys)))

    @mutation(
        description="Sets private metadata of an object; keys that are not named stay as they are. Staff with the "
        "object's permission."
    )
    async def update_private_metadata(self, info: Info, id: ObjectId, input: Values) -> UpdatePrivateMetadata | None:
        values = entries(input, field="input")
        return await _change(info.context, UpdatePrivateMetadata, id, lambda held: {**held, **values}, private=True)

    @mutation(description="Removes keys of an object's private metadata. Staff with the object's permission.")
    async def delete_private_metadata(self, info: Info, id: ObjectId, keys: Keys) -> DeletePrivateMetadata | None:
        return await _change(info.context, DeletePrivateMetadata, id, _without(set(keys)), private=True)


def _without(keys: Collection[str]) -> Change:
    return lambda held: {key: value for key, value in held.items() if key not in keys}


async def _change(context: Context, payload: type[T], id: str, change: Change, *, private: bool = False) -> T:
    name = _type_of(id)
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound("There is no such object with metadata to write.", field="id")
    key = required_uuid(id, name, field="id") if kind.has_uuid else required_int(id, name, field="id")
    await kind.guard(context, key, private)
    if not await change_metadata(context.session, kind.row, key, change, private=private):
        raise NotFound(f"There is no such {name}.", field="id")
    return payload(written=(name, key))


def _type_of(id: str) -> str:
    name = ids.type_of(id)
    if name is None:
        raise Invalid(f"Invalid ID: {id}.", field="id", code="GRAPHQL_ERROR")
    return name


async def _updated_checkout(context: Context, id: str, values: Mapping[str, str]) -> ObjectWithMetadata | None:
    """The checkout or line with the values, where it is one: who holds its ID, or owns it, may."""
    name, session, who = _type_of(id), context.session, actor(context)
    if name == "Checkout":
        key = required_uuid(id, name, field="id")
        return checkout_of(await actions.update_metadata(session, key, values, actor=who))
    if name == "CheckoutLine":
        key = required_uuid(id, name, field="id")
        slot = slot_from(context, None, values, None, field="input")
        cart, line = await actions.update_line_metadata(session, key, values, actor=who)
        if slot is not None:
            line = await slots.give_time(session, cart, line, slot, holder(context), now=context.now)
        return await _line(context, cart, line)
    return None


async def _shortened_checkout(context: Context, id: str, keys: Collection[str]) -> ObjectWithMetadata | None:
    """The checkout or line without the keys, where it is one."""
    name, session, who = _type_of(id), context.session, actor(context)
    if name == "Checkout":
        key = required_uuid(id, name, field="id")
        return checkout_of(await actions.delete_metadata(session, key, keys, actor=who))
    if name == "CheckoutLine":
        key = required_uuid(id, name, field="id")
        return await _line(context, *await actions.delete_line_metadata(session, key, keys, actor=who))
    return None


async def _line(context: Context, cart: Cart, line: Line) -> ObjectWithMetadata:
    whole = (await priced(of(context.session), [cart.id], now=context.now))[cart.id]
    return line_of(cart, line, whole.totals.lines[line.id])
