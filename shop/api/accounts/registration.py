"""Registering, proving a mailbox, and passwords."""

from typing import Annotated

import strawberry

from shop.accounts import actions, flows
from shop.accounts.actions import NewAccount
from shop.accounts.attempts import mailing
from shop.accounts.links import secret_of
from shop.accounts.rules import check_email, normalised_email
from shop.api.accounts.auth import lives, make_signer
from shop.api.accounts.payloads import (
    AccountRegister,
    ConfirmAccount,
    PasswordChange,
    RequestPasswordReset,
    SetPassword,
)
from shop.api.accounts.redirects import check_channel, checked_redirect
from shop.api.accounts.users import User, users_by_id
from shop.api.core.context import Context, Info
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.mutation import flow, mutation
from shop.api.core.permissions import require_user
from shop.api.metadata.inputs import MetadataInput, entries

RedirectUrl = Annotated[
    str, strawberry.argument(description="Where the mail's link leads; the token is added to its query.")
]
Channel = Annotated[
    str | None, strawberry.argument(description="Slug of the channel; mails are the same for all of them.")
]
Email = Annotated[str, strawberry.argument(description="The account's e-mail.")]
MailedToken = Annotated[str, strawberry.argument(description="The token of the mail's link; good for one use.")]


@strawberry.input(description="Who wants an account.")
class AccountRegisterInput:
    first_name: str | None = strawberry.field(default=None, description="Given name.")
    last_name: str | None = strawberry.field(default=None, description="Family name.")
    language_code: LanguageCodeEnum | None = strawberry.field(default=None, description="The language for mails.")
    email: str = strawberry.field(description="The e-mail to log in with.")
    password: str = strawberry.field(description="The password; at least 8 characters.")
    redirect_url: str | None = strawberry.field(
        default=None, description="Where the mail's link leads, with `email` and `token` in its query; needed."
    )
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description="Public metadata of the user.")
    channel: str | None = strawberry.field(default=None, description="Slug of the channel, if one is meant.")


@strawberry.type
class RegistrationMutations:
    """Mutations of people who have no session, and of passwords."""

    @flow(
        description="Asks for an account. The answer is the same for known and unknown e-mails; the mailbox is told "
        "how it goes on."
    )
    async def account_register(
        self, info: Info, input: Annotated[AccountRegisterInput, strawberry.argument(description="Who.")]
    ) -> AccountRegister | None:
        context = info.context
        context.is_private = True
        redirect_url = checked_redirect(context, input.redirect_url)
        await check_channel(context, input.channel)
        new = NewAccount(
            normalised_email(input.email),
            first_name=(input.first_name or "").strip(),
            last_name=(input.last_name or "").strip(),
            language_code=input.language_code.name if input.language_code is not None else "EN",
            metadata=entries(input.metadata),
        )
        await flows.register(
            context.units,
            new,
            password=input.password,
            redirect_url=redirect_url,
            address=context.client_address,
            now=context.now,
        )
        return AccountRegister(user=_as_sent(context, new), requires_confirmation=True)

    @flow(
        description="Confirms an account by the token of its mail. With the account's password as well, orders placed "
        "with its e-mail before are its own from now on."
    )
    async def confirm_account(
        self,
        info: Info,
        email: Email,
        token: MailedToken,
        password: Annotated[
            str | None, strawberry.argument(description="The password, to take over orders placed without an account.")
        ] = None,
    ) -> ConfirmAccount | None:
        context = info.context
        context.is_private = True
        user_id = await flows.confirm_account(
            context.units,
            context.reader,
            secret_of(context.settings),
            email=email,
            token=token,
            password=password,
            address=context.client_address,
            now=context.now,
        )
        return ConfirmAccount(user_key=user_id)

    @mutation(
        description="Has a link sent to choose a new password. The answer is the same for known and unknown e-mails."
    )
    async def request_password_reset(
        self, info: Info, email: Email, redirect_url: RedirectUrl, channel: Channel = None
    ) -> RequestPasswordReset | None:
        context = info.context
        address = checked_redirect(context, redirect_url)
        await check_channel(context, channel)
        known_as = normalised_email(email)
        check_email(known_as, field="email")
        await actions.count_attempt(
            context.session,
            mailing("reset", known_as, context.client_address),
            now=context.now,
            field="email",
            code="PASSWORD_RESET_ALREADY_REQUESTED",
        )
        await actions.request(context.session, "password_reset", redirect_url=address, at=context.now, email=known_as)
        return RequestPasswordReset()

    @flow(
        description="Sets a new password by the token of a mail, and opens a session. All others end. Orders placed "
        "with the e-mail before are the account's from now on."
    )
    async def set_password(
        self,
        info: Info,
        email: Email,
        password: Annotated[str, strawberry.argument(description="The new password; at least 8 characters.")],
        token: MailedToken,
    ) -> SetPassword | None:
        context = info.context
        context.is_private = True
        settings = context.settings
        tokens = await flows.set_password(
            context.units,
            context.reader,
            make_signer(settings),
            lives(settings),
            secret_of(settings),
            email=email,
            token=token,
            password=password,
            now=context.now,
        )
        user = (await users_by_id(context, [tokens.user_id])).get(tokens.user_id)
        return SetPassword(token=tokens.access, refresh_token=tokens.refresh, csrf_token=tokens.csrf, user=user)

    @flow(description="Changes the caller's password. All sessions end, the one that asked included.")
    async def password_change(
        self,
        info: Info,
        new_password: Annotated[str, strawberry.argument(description="The new password; at least 8 characters.")],
        old_password: Annotated[
            str | None, strawberry.argument(description="The present password; needed if there is one.")
        ] = None,
    ) -> PasswordChange | None:
        context = info.context
        user_id = require_user(context)
        await flows.change_password(
            context.units,
            context.reader,
            user_id,
            old=old_password,
            new=new_password,
            address=context.client_address,
            now=context.now,
        )
        return PasswordChange(user_key=user_id)


def _as_sent(context: Context, new: NewAccount) -> User:
    """A user that is in no table: what a client that reads one after registering is given."""
    return User(
        pk=0,
        email=new.email,
        first_name=new.first_name,
        last_name=new.last_name,
        is_staff=False,
        is_active=True,
        is_confirmed=False,
        language=new.language_code,
        external_reference=None,
        last_login=None,
        date_joined=context.now,
        updated_at=context.now,
        default_shipping_address_id=None,
        default_billing_address_id=None,
        avatar_asset_id=None,
        metadata_public=dict(new.metadata),
        metadata_private={},
    )
