"""What users change of their own accounts: names, e-mail, and whether there is one."""

from typing import Annotated

import strawberry

from shop.accounts import actions, flows, links
from shop.accounts.actions import Profile
from shop.accounts.attempts import mailing
from shop.accounts.errors import LinkRefused
from shop.accounts.links import Account, Purpose, secret_of
from shop.accounts.rules import check_name
from shop.api.accounts.address_book import given_address
from shop.api.accounts.payloads import (
    AccountDelete,
    AccountRequestDeletion,
    AccountUpdate,
    ConfirmEmailChange,
    RequestEmailChange,
)
from shop.api.accounts.redirects import check_channel, checked_redirect
from shop.api.accounts.registration import Channel, MailedToken, RedirectUrl
from shop.api.accounts.types import AddressInput
from shop.api.accounts.users import users_by_id
from shop.api.core.context import Context, Info
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.mutation import flow, mutation
from shop.api.core.permissions import require_user
from shop.api.metadata.inputs import MetadataInput, entries


@strawberry.input(description="What to change of an account; what is not named stays as it is.")
class AccountInput:
    first_name: str | None = strawberry.field(default=None, description="Given name.")
    last_name: str | None = strawberry.field(default=None, description="Family name.")
    language_code: LanguageCodeEnum | None = strawberry.field(default=None, description="The language for mails.")
    default_billing_address: AddressInput | None = strawberry.field(
        default=None, description="The default billing address: the present one is changed, or one is added."
    )
    default_shipping_address: AddressInput | None = strawberry.field(
        default=None, description="The default shipping address: the present one is changed, or one is added."
    )
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Public metadata to add.")


@strawberry.type
class ProfileMutations:
    """Mutations of the caller's own account."""

    @mutation(description="Changes the caller's own account.")
    async def account_update(
        self, info: Info, input: Annotated[AccountInput, strawberry.argument(description="What to change.")]
    ) -> AccountUpdate | None:
        context = info.context
        user_id = require_user(context)
        addresses = [
            (kind, given_address(context, given, kind))
            for kind, given in (
                ("SHIPPING", input.default_shipping_address),
                ("BILLING", input.default_billing_address),
            )
            if given is not None
        ]
        await actions.change_profile(
            context.session,
            user_id,
            Profile(
                first_name=_name(input.first_name, "firstName"),
                last_name=_name(input.last_name, "lastName"),
                language_code=input.language_code.name if input.language_code is not None else None,
                metadata=entries(input.metadata),
            ),
        )
        for kind, address in addresses:
            await actions.save_default(context.session, user_id, address, kind)
        return AccountUpdate(user_key=user_id)

    @flow(
        description="Has a link sent to a new mailbox, to make it the account's. The answer is the same for known and "
        "unknown e-mails."
    )
    async def request_email_change(
        self,
        info: Info,
        new_email: Annotated[str, strawberry.argument(description="The new e-mail.")],
        password: Annotated[str, strawberry.argument(description="The caller's password.")],
        redirect_url: RedirectUrl,
        channel: Channel = None,
    ) -> RequestEmailChange | None:
        context = info.context
        user_id = require_user(context)
        redirect = checked_redirect(context, redirect_url)
        await check_channel(context, channel)
        await flows.request_email_change(
            context.units,
            context.reader,
            user_id,
            new_email=new_email,
            password=password,
            redirect_url=redirect,
            address=context.client_address,
            now=context.now,
        )
        return RequestEmailChange(user_key=user_id)

    @mutation(description="Makes a new e-mail the caller's, by the token of its mail. All sessions end.")
    async def confirm_email_change(
        self, info: Info, token: MailedToken, channel: Channel = None
    ) -> ConfirmEmailChange | None:
        context = info.context
        await check_channel(context, channel)
        account, given = await _by_token(context, token, Purpose.CHANGE_EMAIL)
        await actions.change_email(context.session, account, given.new_email)
        return ConfirmEmailChange(user_key=account.id)

    @mutation(description="Has a link sent to delete the caller's account.")
    async def account_request_deletion(
        self, info: Info, redirect_url: RedirectUrl, channel: Channel = None
    ) -> AccountRequestDeletion | None:
        context = info.context
        user_id = require_user(context)
        redirect = checked_redirect(context, redirect_url)
        await check_channel(context, channel)
        account = await actions.account_of(context.session, user_id)
        if account is None:
            raise LinkRefused
        await actions.count_attempt(
            context.session,
            mailing("deletion", account.email, context.client_address),
            now=context.now,
            field="redirectUrl",
        )
        await actions.mail_deletion(
            context.session, secret_of(context.settings), account, redirect_url=redirect, at=context.now
        )
        return AccountRequestDeletion()

    @mutation(description="Deletes the caller's account, by the token of the mail. Orders are kept.")
    async def account_delete(self, info: Info, token: MailedToken) -> AccountDelete | None:
        context = info.context
        account, _ = await _by_token(context, token, Purpose.DELETE)
        user = (await users_by_id(context, [account.id])).get(account.id)
        await actions.delete_account(context.session, account)
        return AccountDelete(user=user)


async def _by_token(context: Context, token: str, purpose: Purpose) -> tuple[Account, links.Read]:
    """The caller's account, locked, if the token is theirs. Raises: LinkRefused; PermissionDenied."""
    user_id = require_user(context)
    given = links.read(token)
    account = await actions.account_of(context.session, user_id, lock=True)
    return links.check(secret_of(context.settings), purpose, given, account, now=context.now), given


def _name(text: str | None, field: str) -> str | None:
    if text is None:
        return None
    check_name(text.strip(), field=field)
    return text.strip()
