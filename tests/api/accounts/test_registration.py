"""From registering to the first log-in, and what strangers can learn or take on the way: nothing."""

import asyncio
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from shop import wiring
from shop.kit.db import Database
from tests.api.accounts.mailbox import guest_order, link_of, mails
from tests.api.client import Api, Reply

BACK = "http://shop.test/confirm?from=mail"
PASSWORD = "correct horse battery"
REGISTER = """
mutation Register($input: AccountRegisterInput!) {
  accountRegister(input: $input) {
    requiresConfirmation user { id email firstName isConfirmed addresses { id } }
    errors { field message code } accountErrors { code }
  }
}
"""
CONFIRM = """
mutation Confirm($email: String!, $token: String!, $password: String) {
  confirmAccount(email: $email, token: $token, password: $password) {
    user { id email isConfirmed } errors { field code }
  }
}
"""
LOGIN = """
mutation Login($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) { token refreshToken errors { field code message } }
}
"""
RESET = """
mutation Reset($email: String!, $url: String!) {
  requestPasswordReset(email: $email, redirectUrl: $url) { errors { field code } }
}
"""
SET = """
mutation Set($email: String!, $token: String!, $password: String!) {
  setPassword(email: $email, token: $token, password: $password) {
    token refreshToken csrfToken user { email isConfirmed } errors { field code }
  }
}
"""
ORDERS = "{ me { email orders(first: 10) { edges { node { id } } } } }"


async def register(api: Api, email: str = "new@example.com", **more: Any) -> Reply:
    given = {"email": email, "password": PASSWORD, "redirectUrl": BACK} | more
    return await api(REGISTER, {"input": {name: value for name, value in given.items() if value is not None}})


async def count(api: Api, sql: str) -> Any:
    async def read(session: Any) -> Any:
        return (await session.execute(text(sql))).scalar_one()

    return await api.database.run(read)


async def test_from_registering_to_the_first_log_in(api: Api) -> None:
    data = (await register(api, " New@Example.com", firstName=" Example ")).data["accountRegister"]
    assert data == {
        "requiresConfirmation": True,
        "user": {"id": "", "email": "new@example.com", "firstName": "Example", "isConfirmed": False, "addresses": []},
        "errors": [],
        "accountErrors": [],
    }
    early = (await api(LOGIN, {"email": "new@example.com", "password": PASSWORD})).data["tokenCreate"]
    assert (early["token"], [error["code"] for error in early["errors"]]) == (None, ["ACCOUNT_NOT_CONFIRMED"])

    (mail,) = await mails(api)
    assert (mail.recipient, mail.subject) == ("new@example.com", "Confirm your account at Shop")
    assert mail.html is not None
    assert "good for 72 hours" in mail.text
    link = link_of(mail)
    assert (link["from"], link["email"]) == ("mail", "new@example.com")
    done = (await api(CONFIRM, {"email": link["email"], "token": link["token"]})).data["confirmAccount"]
    assert done["errors"] == []
    assert done["user"]["isConfirmed"] is True
    assert (await api(LOGIN, {"email": "new@example.com", "password": PASSWORD})).data["tokenCreate"]["token"]
    # For one use.
    again = (await api(CONFIRM, {"email": link["email"], "token": link["token"]})).data["confirmAccount"]
    assert again == {"user": None, "errors": [{"field": "token", "code": "INVALID"}]}


async def test_known_and_unknown_e_mails_are_answered_alike(api: Api) -> None:
    await api.login("known@example.com", password=PASSWORD)
    replies = [await register(api, email) for email in ("known@example.com", "other@example.com")]
    bodies = [reply.data["accountRegister"] for reply in replies]
    for body in bodies:
        body["user"].pop("email")
    assert bodies[0] == bodies[1]
    assert replies[0].statements == replies[1].statements
    resets = [await api(RESET, {"email": email, "url": BACK}) for email in ("known@example.com", "none@example.com")]
    assert [reply.data for reply in resets] == [{"requestPasswordReset": {"errors": []}}] * 2
    assert resets[0].statements == resets[1].statements
    assert sorted((mail.recipient, mail.subject) for mail in await mails(api)) == [
        ("known@example.com", "Choose a new password at Shop"),
        ("known@example.com", "You have an account at Shop"),
        ("other@example.com", "Confirm your account at Shop"),
    ]
    # The account that was there is as it was.
    assert (await api(LOGIN, {"email": "known@example.com", "password": PASSWORD})).data["tokenCreate"]["token"]


async def test_an_old_link_does_not_confirm_a_later_password(api: Api) -> None:
    await register(api, password="the owner's password")
    (first,) = await mails(api)
    await register(api, password="a stranger's password")
    link = link_of(first)
    reply = (await api(CONFIRM, {"email": link["email"], "token": link["token"]})).data["confirmAccount"]
    assert reply["errors"] == [{"field": "token", "code": "INVALID"}]
    assert await count(api, "SELECT count(*) FROM account_user WHERE is_confirmed") == 0


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"redirectUrl": None}, ("redirectUrl", "REQUIRED")),
        ({"redirectUrl": "http://evil.test/"}, ("redirectUrl", "INVALID")),
        ({"redirectUrl": "http://shop.test@evil.test/"}, ("redirectUrl", "INVALID")),
        ({"redirectUrl": "javascript:alert(1)"}, ("redirectUrl", "INVALID")),
        ({"password": "short"}, ("password", "PASSWORD_TOO_SHORT")),
        ({"password": "1234567890"}, ("password", "PASSWORD_ENTIRELY_NUMERIC")),
        ({"password": "Password"}, ("password", "PASSWORD_TOO_COMMON")),
        ({"password": "my-customer-name", "email": "customer@example.com"}, ("password", "PASSWORD_TOO_SIMILAR")),
        ({"email": "no e-mail"}, ("email", "INVALID")),
        ({"firstName": "x" * 257}, ("firstName", "INVALID")),
        ({"channel": "nowhere"}, ("channel", "NOT_FOUND")),
        ({"metadata": [{"key": "", "value": "x"}]}, ("metadata", "REQUIRED")),
    ],
)
async def test_what_is_refused(api: Api, given: dict[str, Any], error: tuple[str, str]) -> None:
    data = (await register(api, **given)).data["accountRegister"]
    assert [(one["field"], one["code"]) for one in data["errors"]] == [error]
    assert (data["user"], data["requiresConfirmation"]) == (None, None)
    assert await count(api, "SELECT count(*) FROM account_user") == 0
    assert await mails(api) == []


async def test_nobody_s_mailbox_is_filled_through_us(api: Api) -> None:
    codes = [[error["code"] for error in (await register(api)).data["accountRegister"]["errors"]] for _ in range(5)]
    assert codes == [[], [], [], [], ["LOGIN_ATTEMPT_DELAYED"]]
    resets = [await api(RESET, {"email": "none@example.com", "url": BACK}) for _ in range(5)]
    codes = [[error["code"] for error in reply.data["requestPasswordReset"]["errors"]] for reply in resets]
    assert codes == [[], [], [], [], ["PASSWORD_RESET_ALREADY_REQUESTED"]]


async def test_a_forgotten_password(api: Api) -> None:
    old = await api.login("known@example.com", password="the old password")
    session = (await api(LOGIN, {"email": "known@example.com", "password": "the old password"})).data["tokenCreate"]
    await api(RESET, {"email": "Known@example.com", "url": BACK})
    (mail,) = await mails(api)
    link = link_of(mail)
    weak = await api(SET, {**link_only(link), "password": "short"})
    assert weak.data["setPassword"]["errors"] == [{"field": "password", "code": "PASSWORD_TOO_SHORT"}]
    done = (await api(SET, {**link_only(link), "password": PASSWORD})).data["setPassword"]
    assert done["errors"] == []
    assert done["user"] == {"email": "known@example.com", "isConfirmed": True}
    assert (await api("{ me { email } }", token=done["token"])).data["me"] == {"email": "known@example.com"}
    # Every older session has ended, and the token was for one use.
    assert (await api("{ me { email } }", token=old)).partial == {"me": None}
    assert (await api("{ me { email } }", token=session["token"])).partial == {"me": None}
    refresh = "mutation ($token: String!) { tokenRefresh(refreshToken: $token) { errors { code } } }"
    assert (await api(refresh, {"token": session["refreshToken"]})).data["tokenRefresh"]["errors"] == [
        {"code": "JWT_INVALID_TOKEN"}
    ]
    again = (await api(SET, {**link_only(link), "password": "another password"})).data["setPassword"]
    assert again["errors"] == [{"field": "token", "code": "INVALID"}]
    assert "Your password at Shop was changed" in [mail.subject for mail in await mails(api)]


def link_only(link: dict[str, str]) -> dict[str, str]:
    return {"email": link["email"], "token": link["token"]}


async def test_a_token_serves_its_purpose_its_user_and_its_time_alone(api: Api) -> None:
    await api.login("known@example.com", password=PASSWORD)
    await api.login("other@example.com", password=PASSWORD)
    await register(api)
    await api(RESET, {"email": "known@example.com", "url": BACK})
    links = {mail.recipient: link_of(mail)["token"] for mail in await mails(api)}
    wrong = [
        ("known@example.com", links["new@example.com"]),
        ("new@example.com", links["new@example.com"]),
        ("other@example.com", links["known@example.com"]),
        ("nobody@example.com", links["known@example.com"]),
        ("known@example.com", links["known@example.com"][:-2]),
        ("known@example.com", "garbage"),
        ("known@example.com", ""),
        ("known@example.com", "ÿ.." + "x" * 2000),
    ]
    for email, token in wrong:
        data = (await api(SET, {"email": email, "token": token, "password": "a stranger's password"})).data
        assert data["setPassword"]["errors"] == [{"field": "token", "code": "INVALID"}]
        assert data["setPassword"]["token"] is None
    data = (await api(CONFIRM, {"email": "known@example.com", "token": links["known@example.com"]})).data
    assert data["confirmAccount"]["errors"] == [{"field": "token", "code": "INVALID"}]


async def test_guessing_waits(api: Api) -> None:
    await api.login("known@example.com", password=PASSWORD)
    wrong = {"email": "known@example.com", "password": "wrong password"}
    codes = [(await api(LOGIN, wrong)).data["tokenCreate"]["errors"][0]["code"] for _ in range(7)]
    assert codes == ["INVALID_CREDENTIALS"] * 6 + ["LOGIN_ATTEMPT_DELAYED"]
    right = (await api(LOGIN, {"email": "known@example.com", "password": PASSWORD})).data["tokenCreate"]
    assert (right["token"], right["errors"][0]["field"]) == (None, "email")
    # An e-mail that nobody has waits in the same way.
    wrong = {"email": "nobody@example.com", "password": "wrong password"}
    assert [(await api(LOGIN, wrong)).data["tokenCreate"]["errors"][0]["code"] for _ in range(7)] == codes

    async def wait(session: Any) -> None:
        await session.execute(text("UPDATE account_attempt SET blocked_until = blocked_until - interval '1 minute'"))

    await api.database.run(wait)
    assert (await api(LOGIN, {"email": "known@example.com", "password": PASSWORD})).data["tokenCreate"]["token"]


async def test_guesses_at_once_are_no_way_around(committed: Database, committed_api: Api) -> None:
    # 20 rivals on 20 connections.
    await committed_api.login("known@example.com", password=PASSWORD)
    wrong = {"email": "known@example.com", "password": "wrong password"}
    replies = await asyncio.gather(*(committed_api(LOGIN, wrong) for _ in range(20)))
    codes = [reply.data["tokenCreate"]["errors"][0]["code"] for reply in replies]
    assert codes.count("INVALID_CREDENTIALS") == 6
    assert codes.count("LOGIN_ATTEMPT_DELAYED") == 14


async def test_a_mailed_token_is_used_once_by_five_at_once(committed: Database, committed_api: Api) -> None:
    # 5 rivals on 20 connections.
    await committed_api.login("known@example.com", password=PASSWORD)
    await committed_api(RESET, {"email": "known@example.com", "url": BACK})
    (mail,) = await mails(committed_api)
    passwords = [f"the new password {number}" for number in range(5)]
    replies = await asyncio.gather(
        *(committed_api(SET, {**link_only(link_of(mail)), "password": password}) for password in passwords)
    )
    won = [reply.data["setPassword"]["token"] is not None for reply in replies]
    assert won.count(True) == 1
    winner = passwords[won.index(True)]
    assert (await committed_api(LOGIN, {"email": "known@example.com", "password": winner})).data["tokenCreate"]["token"]


async def test_five_registrations_at_once_are_one_account(committed: Database, committed_api: Api) -> None:
    # 5 rivals on 20 connections; each address may ask four times before it waits.
    replies = await asyncio.gather(*(register(committed_api) for _ in range(5)))
    codes = [error["code"] for reply in replies for error in reply.data["accountRegister"]["errors"]]
    assert codes == ["LOGIN_ATTEMPT_DELAYED"]
    assert await count(committed_api, "SELECT count(*) FROM account_user") == 1
    # Four mails, and the link of the last password alone confirms.
    sent = await mails(committed_api)
    links = [link_only(link_of(mail)) for mail in sent]
    done = [(await committed_api(CONFIRM, link)).data["confirmAccount"]["user"] is not None for link in links]
    assert done.count(True) == 1


async def test_an_older_hash_is_renewed_at_the_log_in(api: Api, slow_passwords: None) -> None:
    await api.login("known@example.com", password=PASSWORD)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)

    async def store(session: Any) -> None:
        await session.execute(text("UPDATE account_user SET password_hash = :hash"), {"hash": weak})

    await api.database.run(store)
    for _ in range(2):
        assert (await api(LOGIN, {"email": "known@example.com", "password": PASSWORD})).data["tokenCreate"]["token"]
    kept = await count(api, "SELECT password_hash FROM account_user")
    assert kept != weak
    assert not PasswordHasher().check_needs_rehash(kept)


@pytest.mark.parametrize(
    ("password", "attached", "codes"),
    [
        (None, False, []),
        (PASSWORD, True, []),
        ("not the password", False, [{"field": "password", "code": "INVALID_CREDENTIALS"}]),
    ],
)
async def test_guests_orders_need_the_mailbox_and_the_password(
    api: Api, password: str | None, attached: bool, codes: list[dict[str, str]]
) -> None:
    wiring.connect()
    mine = await guest_order(api, "New@example.com")
    await guest_order(api, "other@example.com")
    await register(api)
    assert await count(api, "SELECT count(*) FROM order_order WHERE user_id IS NOT NULL") == 0
    (mail,) = await mails(api)
    reply = await api(CONFIRM, {**link_only(link_of(mail)), "password": password})
    assert reply.data["confirmAccount"]["errors"] == codes
    assert await count(api, "SELECT count(*) FROM order_order WHERE user_id IS NOT NULL") == int(attached)
    if attached:
        token = (await api(LOGIN, {"email": "new@example.com", "password": PASSWORD})).data["tokenCreate"]["token"]
        me = (await api(ORDERS, token=token)).data["me"]
        assert [edge["node"]["id"] for edge in me["orders"]["edges"]] == [mine]


async def test_choosing_a_password_by_mail_is_proof_of_both(api: Api) -> None:
    wiring.connect()
    await api.login("known@example.com", password=PASSWORD)
    other = await api.login("other@example.com")
    assert other
    await guest_order(api, "known@example.com")
    await api(RESET, {"email": "known@example.com", "url": BACK})
    (mail,) = await mails(api)
    assert (await api(SET, {**link_only(link_of(mail)), "password": "a new password"})).data["setPassword"]["token"]
    assert await count(api, "SELECT count(*) FROM order_order WHERE user_id IS NOT NULL") == 1


async def test_a_closed_account_stays_closed(api: Api) -> None:
    await api.login("known@example.com", password=PASSWORD)

    async def close(session: Any) -> None:
        await session.execute(text("UPDATE account_user SET is_active = false, is_confirmed = false"))

    await api.database.run(close)
    await register(api, "known@example.com", password="another password")
    await api(RESET, {"email": "known@example.com", "url": BACK})
    assert await mails(api) == []
    reply = (await api(LOGIN, {"email": "known@example.com", "password": "another password"})).data["tokenCreate"]
    assert [error["code"] for error in reply["errors"]] == ["INVALID_CREDENTIALS"]
