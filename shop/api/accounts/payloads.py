"""What account mutations return. Users and addresses are read after the commit, and only where they are asked for."""

import strawberry

from shop.api.accounts.errors import AccountError
from shop.api.accounts.types import Address
from shop.api.accounts.users import User, addresses_by_id, users_by_id
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.payloads import Payload
from shop.execution import batch_field


@strawberry.type
class AccountPayload(Payload):
    """Errors of an account mutation, under both of their names."""

    errors: list[AccountError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def account_errors(self) -> list[AccountError]:
        return self.errors


@strawberry.type
class UserPayload(AccountPayload):
    """With the user that was changed."""

    user_key: strawberry.Private[int | None] = None

    @batch_field(description="The user, as things stand now.")
    @staticmethod
    async def user(parents: list["UserPayload"], context: Context) -> list[User | None]:
        found = await users_by_id(context, [one.user_key for one in parents if one.user_key is not None])
        return [found.get(one.user_key) if one.user_key is not None else None for one in parents]


@strawberry.type
class AddressPayload(UserPayload):
    """With the address that was added or changed."""

    address_key: strawberry.Private[int | None] = None

    @batch_field(description="The address.")
    @staticmethod
    async def address(parents: list["AddressPayload"], context: Context) -> list[Address | None]:
        found = await addresses_by_id(context, [one.address_key for one in parents])
        return [found.get(one.address_key) if one.address_key is not None else None for one in parents]


@strawberry.type(description="A registration that waits for its confirmation.")
class AccountRegister(AccountPayload):
    user: User | None = strawberry.field(
        default=None,
        description="What was sent, without an ID: the same for known and unknown e-mails.",
        deprecation_reason="Log in after the confirmation instead.",
    )
    requires_confirmation: bool | None = strawberry.field(
        default=None, description="Whether the link in a mail must be followed before the first log-in: always."
    )


@strawberry.type(description="A confirmed account.")
class ConfirmAccount(UserPayload):
    pass


@strawberry.type(description="A mail is sent if the e-mail has an account.")
class RequestPasswordReset(AccountPayload):
    pass


@strawberry.type(description="A session that the new password has opened.")
class SetPassword(AccountPayload):
    token: str | None = strawberry.field(default=None, description="Access token, good for minutes.")
    refresh_token: str | None = strawberry.field(default=None, description="Gets new access tokens, good for weeks.")
    csrf_token: str | None = strawberry.field(
        default=None, description="To be sent with the refresh token where that is kept in a cookie."
    )
    user: User | None = strawberry.field(default=None, description="Whose password it is.")


@strawberry.type(description="A user with a new password.")
class PasswordChange(UserPayload):
    pass


@strawberry.type(description="A mail is sent to the new mailbox.")
class RequestEmailChange(UserPayload):
    pass


@strawberry.type(description="A user with a new e-mail.")
class ConfirmEmailChange(UserPayload):
    pass


@strawberry.type(description="A user with new names, language or addresses.")
class AccountUpdate(UserPayload):
    pass


@strawberry.type(description="A mail with the link to delete the account is sent.")
class AccountRequestDeletion(AccountPayload):
    pass


@strawberry.type(description="A deleted account.")
class AccountDelete(AccountPayload):
    user: User | None = strawberry.field(default=None, description="The user, as it was.")


@strawberry.type(description="A new address of the address book.")
class AccountAddressCreate(AddressPayload):
    pass


@strawberry.type(description="A changed address of the address book.")
class AccountAddressUpdate(AddressPayload):
    pass


@strawberry.type(description="A removed address.")
class AccountAddressDelete(UserPayload):
    address: Address | None = strawberry.field(default=None, description="The address, as it was.")


@strawberry.type(description="A user with another default address.")
class AccountSetDefaultAddress(UserPayload):
    pass
