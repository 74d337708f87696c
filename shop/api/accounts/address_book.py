"""The caller's address book."""

from typing import Annotated

import strawberry
from graphql import GraphQLError

from shop.accounts import actions
from shop.accounts.addresses import PostalAddress, checked, complete
from shop.api.accounts.errors import AddressTypeEnum
from shop.api.accounts.payloads import (
    AccountAddressCreate,
    AccountAddressDelete,
    AccountAddressUpdate,
    AccountSetDefaultAddress,
)
from shop.api.accounts.types import AddressInput, postal_address
from shop.api.accounts.users import addresses_by_id
from shop.api.core.context import Context, Info
from shop.api.core.ids import required_int
from shop.api.core.mutation import mutation
from shop.api.core.permissions import require_user

AddressId = Annotated[strawberry.ID, strawberry.argument(description="The address's ID.")]
NewAddress = Annotated[AddressInput, strawberry.argument(description="The whole address.")]


@strawberry.type
class AddressBookMutations:
    """Mutations of address books."""

    @mutation(description="Adds an address to the caller's address book. A full book loses its oldest one.")
    async def account_address_create(
        self,
        info: Info,
        input: NewAddress,
        type: Annotated[
            AddressTypeEnum | None, strawberry.argument(description="Makes it the default of this kind as well.")
        ] = None,
    ) -> AccountAddressCreate | None:
        context = info.context
        user_id = require_user(context)
        kind = type.value if type is not None else None
        address = given_address(context, input, kind)
        address_id = await actions.add_address(context.session, user_id, address, kind=kind)
        return AccountAddressCreate(user_key=user_id, address_key=address_id)

    @mutation(description="Changes an address of the caller's address book; staff that manages users may any.")
    async def account_address_update(self, info: Info, id: AddressId, input: NewAddress) -> AccountAddressUpdate | None:
        context = info.context
        owner = _owner(context)
        key = required_int(id, "Address", field="id")
        user_id = await actions.change_address(
            context.session, key, given_address(context, input, None), owner_id=owner
        )
        return AccountAddressUpdate(user_key=user_id, address_key=key)

    @mutation(description="Removes an address of the caller's address book; staff that manages users may any.")
    async def account_address_delete(self, info: Info, id: AddressId) -> AccountAddressDelete | None:
        context = info.context
        owner = _owner(context)
        key = required_int(id, "Address", field="id")
        address = (await addresses_by_id(context, [key])).get(key)
        user_id = await actions.remove_address(context.session, key, owner_id=owner)
        return AccountAddressDelete(user_key=user_id, address=address)

    @mutation(description="Makes an address of the caller's address book the default of a kind.")
    async def account_set_default_address(
        self,
        info: Info,
        id: AddressId,
        type: Annotated[AddressTypeEnum, strawberry.argument(description="Which default.")],
    ) -> AccountSetDefaultAddress | None:
        context = info.context
        user_id = require_user(context)
        key = required_int(id, "Address", field="id")
        await actions.make_default(context.session, user_id, key, type.value)
        return AccountSetDefaultAddress(user_key=user_id)


def given_address(context: Context, given: AddressInput, kind: str | None) -> PostalAddress:
    """The address as its country wants it. Raises: Many; PermissionDenied where the caller may not skip the checks."""
    if not given.skip_validation:
        return complete(postal_address(given), kind=kind)
    if not context.caller.may("MANAGE_USERS"):
        raise GraphQLError(
            "You may not skip the validation of addresses. To access this path, you need one of the following "
            "permissions: MANAGE_USERS",
            extensions={"exception": {"code": "PermissionDenied"}},
        )
    return checked(postal_address(given), kind=kind, required=False, formats=False)


def _owner(context: Context) -> int | None:
    """Whose addresses the caller may change: None for everybody's."""
    user_id = require_user(context)
    return None if context.caller.may("MANAGE_USERS") else user_id
