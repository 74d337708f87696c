"""What people do with their own accounts: names, defaults, password, e-mail, and leaving."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shop import wiring
from shop.accounts.actions import PERMISSIONS, set_avatar
from shop.kit.errors import NotFound
from shop.media.models import Asset
from tests.api.accounts.mailbox import guest_order, link_of, mails
from tests.api.client import Api

BACK = "http://shop.test/account"
PASSWORD = "correct horse battery"
UPDATE = """
mutation Update($input: AccountInput!) {
  accountUpdate(input: $input) {
    user {
      firstName lastName languageCode metadata { key value }
      defaultShippingAddress { city } defaultBillingAddress { city } addresses { city }
    }
    errors { field code addressType }
  }
}
"""
CHANGE = """
mutation Change($old: String, $new: String!) {
  passwordChange(oldPassword: $old, newPassword: $new) { user { email } errors { field code } }
}
"""
MOVE = """
mutation Move($email: String!, $password: String!, $url: String!) {
  requestEmailChange(newEmail: $email, password: $password, redirectUrl: $url) {
    user { email } errors { field code }
  }
}
"""
MOVED = "mutation Moved($token: String!) { confirmEmailChange(token: $token) { user { email } errors { field code } } }"
LEAVE = "mutation Leave($url: String!) { accountRequestDeletion(redirectUrl: $url) { errors { field code } } }"
LEFT = "mutation Left($token: String!) { accountDelete(token: $token) { user { email } errors { field code } } }"
LOGIN = """
mutation Login($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) { token errors { code } }
}
"""
PLACE = {"streetAddress1": "1 Example Street", "city": "Berlin", "postalCode": "10115", "country": "DE"}


async def logs_in(api: Api, email: str, password: str) -> bool:
    reply = await api(LOGIN, {"email": email, "password": password})
    return reply.data["tokenCreate"]["token"] is not None


async def test_an_account_is_changed_field_by_field(api: Api) -> None:
    token = await api.login()
    first = {
        "firstName": " Example ",
        "lastName": "Customer",
        "languageCode": "DE",
        "defaultShippingAddress": PLACE,
        "defaultBillingAddress": PLACE | {"city": "HAMBURG"},
        "metadata": [{"key": "a", "value": "1"}],
    }
    data = (await api(UPDATE, {"input": first}, token=token)).data["accountUpdate"]
    assert data == {
        "user": {
            "firstName": "Example",
            "lastName": "Customer",
            "languageCode": "DE",
            "metadata": [{"key": "a", "value": "1"}],
            "defaultShippingAddress": {"city": "BERLIN"},
            "defaultBillingAddress": {"city": "HAMBURG"},
            "addresses": [{"city": "BERLIN"}, {"city": "HAMBURG"}],
        },
        "errors": [],
    }
    # What is not named stays; a default is changed in its place.
    again = {
        "lastName": "",
        "defaultShippingAddress": PLACE | {"city": "BONN"},
        "metadata": [{"key": "b", "value": "2"}],
    }
    user = (await api(UPDATE, {"input": again}, token=token)).data["accountUpdate"]["user"]
    assert (user["firstName"], user["lastName"], user["languageCode"]) == ("Example", "", "DE")
    assert [one["key"] for one in user["metadata"]] == ["a", "b"]
    assert user["addresses"] == [{"city": "BONN"}, {"city": "HAMBURG"}]


async def test_a_change_is_whole_or_not_at_all(api: Api) -> None:
    token = await api.login()
    bad = {"firstName": "Changed", "defaultBillingAddress": PLACE | {"postalCode": "x"}}
    data = (await api(UPDATE, {"input": bad}, token=token)).data["accountUpdate"]
    assert data == {"user": None, "errors": [{"field": "postalCode", "code": "INVALID", "addressType": "BILLING"}]}
    data = (await api(UPDATE, {"input": {"lastName": "x" * 257}}, token=token)).data["accountUpdate"]
    assert [(one["field"], one["code"]) for one in data["errors"]] == [("lastName", "INVALID")]
    assert (await api("{ me { firstName lastName } }", token=token)).data["me"] == {"firstName": "", "lastName": ""}


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (UPDATE, {"input": {}}),
        (CHANGE, {"new": PASSWORD}),
        (MOVE, {"email": "new@example.com", "password": PASSWORD, "url": BACK}),
        (MOVED, {"token": "x"}),
        (LEAVE, {"url": BACK}),
        (LEFT, {"token": "x"}),
    ],
)
async def test_only_who_has_a_session_may(api: Api, document: str, variables: dict[str, Any]) -> None:
    reply = await api(document, variables)
    assert list(reply.partial.values()) == [None]
    assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"


async def test_a_password_is_changed_by_who_knows_it(api: Api) -> None:
    token = await api.login(password=PASSWORD)
    for old in (None, "", "not the password"):
        data = (await api(CHANGE, {"old": old, "new": "a new password"}, token=token)).data["passwordChange"]
        assert data == {"user": None, "errors": [{"field": "oldPassword", "code": "INVALID_CREDENTIALS"}]}
    for new, code in (("short", "PASSWORD_TOO_SHORT"), ("12345678", "PASSWORD_ENTIRELY_NUMERIC")):
        data = (await api(CHANGE, {"old": PASSWORD, "new": new}, token=token)).data["passwordChange"]
        assert data["errors"] == [{"field": "newPassword", "code": code}]
    assert await logs_in(api, "customer@example.com", PASSWORD)
    done = (await api(CHANGE, {"old": PASSWORD, "new": "a new password"}, token=token)).data["passwordChange"]
    assert done == {"user": {"email": "customer@example.com"}, "errors": []}
    assert (await api("{ me { email } }", token=token)).partial == {"me": None}
    assert await logs_in(api, "customer@example.com", "a new password")
    assert not await logs_in(api, "customer@example.com", PASSWORD)
    assert [mail.subject for mail in await mails(api)] == ["Your password at Shop was changed"]


async def test_guessing_with_a_stolen_session_waits(api: Api) -> None:
    token = await api.login(password=PASSWORD)
    wrong = {"old": "wrong", "new": "a new password"}
    codes = [(await api(CHANGE, wrong, token=token)).data["passwordChange"]["errors"][0]["code"] for _ in range(7)]
    assert codes == ["INVALID_CREDENTIALS"] * 6 + ["LOGIN_ATTEMPT_DELAYED"]


async def test_moving_to_another_e_mail(api: Api) -> None:
    token = await api.login(password=PASSWORD)
    asked = (await api(MOVE, {"email": "New@example.com", "password": PASSWORD, "url": BACK}, token=token)).data
    assert asked == {"requestEmailChange": {"user": {"email": "customer@example.com"}, "errors": []}}
    (mail,) = await mails(api)
    assert (mail.recipient, mail.subject) == ("new@example.com", "Confirm your new e-mail address at Shop")
    link = link_of(mail)
    # Another user's session does not make it theirs.
    other = await api.login("other@example.com")
    refused = (await api(MOVED, {"token": link["token"]}, token=other)).data["confirmEmailChange"]
    assert refused == {"user": None, "errors": [{"field": "token", "code": "INVALID"}]}
    done = (await api(MOVED, {"token": link["token"]}, token=token)).data["confirmEmailChange"]
    assert done == {"user": {"email": "new@example.com"}, "errors": []}
    assert await logs_in(api, "new@example.com", PASSWORD)
    assert not await logs_in(api, "customer@example.com", PASSWORD)
    assert (await api("{ me { email } }", token=token)).partial == {"me": None}
    assert ("customer@example.com", "Your e-mail address at Shop was changed") in [
        (one.recipient, one.subject) for one in await mails(api)
    ]


async def test_a_proved_new_mailbox_brings_its_guest_orders(api: Api) -> None:
    wiring.connect()
    token = await api.login(password=PASSWORD)
    mine = await guest_order(api, "New@Example.com")
    await api(MOVE, {"email": "new@example.com", "password": PASSWORD, "url": BACK}, token=token)
    (mail,) = await mails(api)
    assert (await api(MOVED, {"token": link_of(mail)["token"]}, token=token)).data["confirmEmailChange"]["user"]
    token = (await api(LOGIN, {"email": "new@example.com", "password": PASSWORD})).data["tokenCreate"]["token"]
    me = (await api("{ me { orders(first: 5) { edges { node { id } } } } }", token=token)).data["me"]
    assert [edge["node"]["id"] for edge in me["orders"]["edges"]] == [mine]


async def test_a_move_tells_nothing_of_other_accounts(api: Api) -> None:
    token = await api.login(password=PASSWORD)
    await api.login("taken@example.com")
    replies = [
        await api(MOVE, {"email": email, "password": PASSWORD, "url": BACK}, token=token)
        # From the first on the account is known at this address.
        for email in ("other@example.com", "taken@example.com", "free@example.com")
    ]
    assert replies[1].data == replies[2].data
    assert replies[1].statements == replies[2].statements
    found = {mail.recipient: mail for mail in await mails(api)}
    assert found["taken@example.com"].subject == "You have an account at Shop"
    # Somebody was faster: who proves the mailbox may know.
    await api.login("free@example.com")
    late = await api(MOVED, {"token": link_of(found["free@example.com"])["token"]}, token=token)
    assert late.data["confirmEmailChange"] == {"user": None, "errors": [{"field": "newEmail", "code": "UNIQUE"}]}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"password": "wrong"}, {"field": "password", "code": "INVALID_CREDENTIALS"}),
        ({"email": "no e-mail"}, {"field": "newEmail", "code": "INVALID"}),
        ({"url": "https://evil.test/"}, {"field": "redirectUrl", "code": "INVALID"}),
    ],
)
async def test_moves_that_are_refused(api: Api, change: dict[str, str], error: dict[str, str]) -> None:
    token = await api.login(password=PASSWORD)
    given = {"email": "new@example.com", "password": PASSWORD, "url": BACK} | change
    data = (await api(MOVE, given, token=token)).data["requestEmailChange"]
    assert data == {"user": None, "errors": [error]}
    assert await mails(api) == []


async def test_leaving(api: Api) -> None:
    token = await api.login(password=PASSWORD)
    other = await api.login("other@example.com", password=PASSWORD)
    await api(UPDATE, {"input": {"defaultShippingAddress": PLACE}}, token=token)
    refused = (await api(LEAVE, {"url": "https://evil.test/"}, token=token)).data["accountRequestDeletion"]
    assert refused["errors"] == [{"field": "redirectUrl", "code": "INVALID"}]
    assert (await api(LEAVE, {"url": BACK}, token=token)).data == {"accountRequestDeletion": {"errors": []}}
    (mail,) = await mails(api)
    link = link_of(mail)
    stranger = (await api(LEFT, {"token": link["token"]}, token=other)).data["accountDelete"]
    assert stranger == {"user": None, "errors": [{"field": "token", "code": "INVALID"}]}
    done = (await api(LEFT, {"token": link["token"]}, token=token)).data["accountDelete"]
    assert done == {"user": {"email": "customer@example.com"}, "errors": []}
    assert not await logs_in(api, "customer@example.com", PASSWORD)
    assert await logs_in(api, "other@example.com", PASSWORD)
    # The next one with this e-mail inherits nothing.
    assert (await api("{ me { email } }", token=token)).partial == {"me": None}


async def test_staff_is_not_deleted_by_mail(api: Api) -> None:
    token = await api.login("clerk@example.com", is_staff=True)
    await api(LEAVE, {"url": BACK}, token=token)
    (mail,) = await mails(api)
    data = (await api(LEFT, {"token": link_of(mail)["token"]}, token=token)).data["accountDelete"]
    assert data == {"user": None, "errors": [{"field": None, "code": "DELETE_STAFF_ACCOUNT"}]}
    assert (await api("{ me { email } }", token=token)).data == {"me": {"email": "clerk@example.com"}}


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("externalAuthenticationUrl", {"authenticationData": None}),
        ("externalObtainAccessTokens", {"token": None, "refreshToken": None, "csrfToken": None}),
        ("externalRefresh", {"token": None, "refreshToken": None, "csrfToken": None}),
        ("externalLogout", {"logoutData": None}),
        ("externalVerify", {"isValid": False, "verifyData": None}),
    ],
)
async def test_an_identity_provider_that_nobody_configured(api: Api, name: str, fields: dict[str, Any]) -> None:
    document = (
        f'mutation {{ {name}(pluginId: "oidc", input: "{{}}") {{ {" ".join(fields)} errors {{ field code }} }} }}'
    )
    assert (await api(document)).data == {name: fields | {"errors": [{"field": "pluginId", "code": "NOT_FOUND"}]}}


async def test_a_user_is_shown_with_permissions(api: Api) -> None:
    query = "{ me { isStaff userPermissions { code name } } }"
    assert (await api(query, token=await api.login("owner@example.com"))).data == {
        "me": {"isStaff": False, "userPermissions": []}
    }
    one = await api(query, token=await api.login("one@example.com", "MANAGE_ORDERS"))
    token = await api.login("every@example.com", *PERMISSIONS)
    assert one.data["me"]["userPermissions"] == [{"code": "MANAGE_ORDERS", "name": "Manage orders"}]
    every = await api(query, token=token)
    assert [held["code"] for held in every.data["me"]["userPermissions"]] == sorted(PERMISSIONS)
    assert one.statements == every.statements
    # Who no longer works here holds none, whatever is still written down.
    await api.database.run(lambda session: session.execute(text("UPDATE account_user SET is_staff = false")))
    assert (await api(query, token=token)).data == {"me": {"isStaff": False, "userPermissions": []}}


async def test_a_user_is_shown_with_a_picture(api: Api) -> None:
    query = """{ me { avatar(size: 100, format: WEBP) { url alt } whole: avatar(size: 0) { url } } }"""
    token = await api.login("owner@example.com")
    assert (await api(query, token=token)).data == {"me": {"avatar": None, "whole": None}}

    async def show(session: AsyncSession) -> None:
        asset = Asset(path="ab/face.png", mime_type="image/png", width=1, height=1, size_bytes=1)
        session.add(asset)
        await session.flush()
        await set_avatar(session, email="owner@example.com", asset_id=asset.id)

    await api.database.run(show)
    assert (await api(query, token=token)).data["me"] == {
        "avatar": {"url": "http://shop.test/thumbnail/face.png/128/webp", "alt": ""},
        "whole": {"url": "http://shop.test/media/ab/face.png"},
    }
    with pytest.raises(NotFound):
        await api.database.run(lambda session: set_avatar(session, email="nobody@example.com", asset_id=None))
