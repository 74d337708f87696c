"""Logging in, staying logged in, and every way in which a token is refused."""

import base64
import hmac
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from shop.accounts.rules import TokenUser, public_pems
from shop.api.accounts.auth import make_signer
from shop.kit import clock, ids
from tests.api.client import Api
from tests.database import OneConnectionDatabase

LOGIN = """
mutation Login($email: String!, $password: String!) {
  tokenCreate(email: $email, password: $password) {
    token refreshToken csrfToken user { id email isStaff } errors { field message code }
  }
}
"""
REFRESH = """
mutation Refresh($token: String) {
  tokenRefresh(refreshToken: $token) { token user { email } errors { field message code } }
}
"""
VERIFY = """
mutation Verify($token: String!) { tokenVerify(token: $token) { isValid payload user { email } errors { code } } }
"""
ME = "{ me { id email firstName isStaff addresses { id } defaultShippingAddress { id } metadata { key } } }"
PASSWORD = "correct horse battery"
REFUSED = [{"field": "email", "message": "Please, enter valid credentials", "code": "INVALID_CREDENTIALS"}]


async def test_a_session_from_log_in_to_its_end(api: Api) -> None:
    await api.login("Customer@Example.com", password=PASSWORD)
    created = (await api(LOGIN, {"email": " customer@EXAMPLE.com", "password": PASSWORD})).data["tokenCreate"]
    assert created["errors"] == []
    assert created["user"]["email"] == "customer@example.com"
    me = await api(ME, token=created["token"])
    assert me.data["me"]["id"] == created["user"]["id"]
    assert me.headers["Cache-Control"] == "no-store"

    refreshed = (await api(REFRESH, {"token": created["refreshToken"]})).data["tokenRefresh"]
    assert refreshed["errors"] == []
    assert (await api(ME, token=refreshed["token"])).data["me"]["email"] == "customer@example.com"
    # The refresh token stays good: Saleor's clients have nowhere to put a new one.
    assert (await api(REFRESH, {"token": created["refreshToken"]})).data["tokenRefresh"]["errors"] == []

    verified = (await api(VERIFY, {"token": refreshed["token"]})).data["tokenVerify"]
    assert verified["isValid"] is True
    assert verified["payload"]["owner"] == "saleor"
    assert verified["payload"]["iss"] == "http://shop.test/graphql/"
    assert verified["payload"]["type"] == "access"
    assert verified["payload"]["user_id"] == created["user"]["id"]
    assert verified["payload"]["exp"] - verified["payload"]["iat"] == 300

    end = await api("mutation { tokensDeactivateAll { errors { code } } }", token=refreshed["token"])
    assert end.data == {"tokensDeactivateAll": {"errors": []}}
    assert (await api(VERIFY, {"token": refreshed["token"]})).data["tokenVerify"]["isValid"] is False
    assert (await api(REFRESH, {"token": created["refreshToken"]})).data["tokenRefresh"]["errors"] == [
        {"field": "refreshToken", "message": "Invalid token.", "code": "JWT_INVALID_TOKEN"}
    ]


@pytest.mark.parametrize(
    ("email", "password"),
    [("customer@example.com", "wrong"), ("nobody@example.com", PASSWORD), ("", ""), ("customer@example.com", "")],
)
async def test_every_wrong_log_in_gets_the_same_answer(api: Api, email: str, password: str) -> None:
    await api.login(password=PASSWORD)
    assert (await api(LOGIN, {"email": email, "password": password})).data["tokenCreate"] == {
        "token": None,
        "refreshToken": None,
        "csrfToken": None,
        "user": None,
        "errors": REFUSED,
    }


async def test_a_user_without_a_password_cannot_log_in(api: Api) -> None:
    await api.login(password=None)
    for password in ("", "nobody has this password"):
        reply = await api(LOGIN, {"email": "customer@example.com", "password": password})
        assert reply.data["tokenCreate"]["errors"] == REFUSED


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "JWT_MISSING_TOKEN"),
        ("", "JWT_MISSING_TOKEN"),
        (" ", "JWT_MISSING_TOKEN"),
        ("garbage", "JWT_DECODE_ERROR"),
        ("a.b.c", "JWT_DECODE_ERROR"),
    ],
)
async def test_what_is_no_refresh_token(api: Api, token: str | None, code: str) -> None:
    reply = (await api(REFRESH, {"token": token})).data["tokenRefresh"]
    assert [error["code"] for error in reply["errors"]] == [code]
    assert reply["token"] is None


async def test_an_access_token_does_not_refresh_and_a_refresh_token_opens_nothing(api: Api) -> None:
    access = await api.login(password=PASSWORD)
    reply = (await api(REFRESH, {"token": access})).data["tokenRefresh"]
    assert [error["code"] for error in reply["errors"]] == ["JWT_INVALID_TOKEN"]
    created = (await api(LOGIN, {"email": "customer@example.com", "password": PASSWORD})).data["tokenCreate"]
    refused = await api(ME, token=created["refreshToken"])
    assert refused.partial == {"me": None}
    assert refused.errors[0]["extensions"]["exception"]["code"] == "InvalidTokenError"


def _claims(api: Api, **changes: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    claims = {
        "iat": now,
        "exp": now + 300,
        "owner": "saleor",
        "iss": make_signer(api.settings).issuer,
        "token": "key",
        "email": "customer@example.com",
        "type": "access",
        "user_id": ids.encode("User", 1),
        "is_staff": True,
    }
    return claims | changes


async def test_forged_tokens_open_nothing(api: Api) -> None:
    signer = make_signer(api.settings)
    other = RSAKey.generate_key(2048)
    forged = jwt.encode({"alg": "RS256", "kid": signer.kid}, _claims(api), other)
    reply = await api(ME, token=forged)
    assert reply.partial == {"me": None}
    assert reply.errors[0]["extensions"]["exception"]["code"] == "InvalidSignatureError"
    # What needs no user is answered all the same.
    assert (await api("{ shop { name } }", token=forged)).data == {"shop": {"name": "Shop"}}

    # The public key as an HMAC secret, and no signature at all: no tokens of ours, so anonymous.
    public = signer.key.as_pem(private=False)
    _, body, _ = forged.split(".")
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=").decode()
    signature = hmac.digest(public, f"{head}.{body}".encode(), "sha256")
    confused = f"{head}.{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert (await api(ME, token=confused)).data == {"me": None}
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    assert (await api(ME, token=f"{head}.{body}.")).data == {"me": None}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"exp": 1}, "ExpiredSignatureError"),
        ({"exp": None}, "ExpiredSignatureError"),
        ({"type": "refresh"}, "InvalidTokenError"),
        ({"user_id": "abc"}, "InvalidTokenError"),
        ({"token": "another key"}, "InvalidTokenError"),
    ],
)
async def test_signed_tokens_that_are_not_good(api: Api, changes: dict[str, Any], code: str) -> None:
    token = await api.login()
    signer = make_signer(api.settings)
    good = signer.read(token, "access", clock.now())
    changed = jwt.encode({"alg": "RS256", "kid": signer.kid}, {**good, **changes}, signer.key)
    reply = await api(ME, token=changed)
    assert reply.partial == {"me": None}
    assert reply.errors[0]["extensions"]["exception"]["code"] == code


async def test_another_shop_s_token_is_anonymous(api: Api) -> None:
    signer = make_signer(api.settings)
    for changes in ({"iss": "https://other.test/graphql/"}, {"owner": "someone"}):
        token = jwt.encode({"alg": "RS256", "kid": signer.kid}, _claims(api, **changes), signer.key)
        assert (await api(ME, token=token)).data == {"me": None}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "JWT"])
async def test_every_header_of_saleor_s_clients_works(api: Api, scheme: str) -> None:
    token = await api.login()
    assert (await api(ME, headers={"Authorization": f"{scheme} {token}"})).data["me"]["email"] == "customer@example.com"
    assert (await api(ME, headers={"Authorization-Bearer": token})).data["me"]["email"] == "customer@example.com"


async def test_a_caller_costs_one_statement_and_nobody_none(api: Api) -> None:
    token = await api.login()
    assert (await api("{ __typename }", token=token)).statements == 1
    assert (await api("{ __typename }")).statements == 0


def test_a_token_s_life_ends_to_the_second(api: Api) -> None:
    signer = make_signer(api.settings)
    now = clock.now().replace(microsecond=0)
    token = signer.make(
        TokenUser(1, "a@example.com", is_staff=False, token_key="k"), "access", now, timedelta(seconds=5)
    )
    assert signer.read(token, "access", now + timedelta(seconds=4))["email"] == "a@example.com"
    with pytest.raises(ValueError, match="expired"):
        signer.read(token, "access", now + timedelta(seconds=5))


async def test_tokens_of_the_key_before_stay_good(api: Api, database: OneConnectionDatabase) -> None:
    token = await api.login("owner@example.com")
    old = make_signer(api.settings)
    new_key = RSAKey.generate_key(2048).as_pem(private=True).decode()
    rotated = api.settings.model_copy(
        update={
            "jwt_private_key": SecretStr(new_key),
            "jwt_previous_public_keys": old.key.as_pem(private=False).decode(),
        }
    )
    later = Api(rotated, database)
    assert (await later(ME, token=token)).data["me"]["email"] == "owner@example.com"
    new = make_signer(rotated)
    assert [key["kid"] for key in new.public_keys()["keys"]] == [new.kid, old.kid]
    assert all("d" not in key for key in new.public_keys()["keys"])
    fresh = await later.login("owner@example.com")
    assert (await later(ME, token=fresh)).data["me"]["email"] == "owner@example.com"
    # The older processes do not know the newer key, and a key may be forgotten.
    assert (await api(ME, token=fresh)).errors[0]["extensions"]["exception"]["code"] == "InvalidSignatureError"
    forgetful = Api(rotated.model_copy(update={"jwt_previous_public_keys": None}), database)
    reply = await forgetful(ME, token=token)
    assert reply.errors[0]["extensions"]["exception"]["code"] == "InvalidSignatureError"
    # A token that names the old key has to be signed with it.
    claims = new.read(fresh, "access", clock.now())
    mixed = jwt.encode({"alg": "RS256", "kid": old.kid}, dict(claims), new.key)
    assert (await later(ME, token=mixed)).errors[0]["extensions"]["exception"]["code"] == "InvalidSignatureError"
    for one in (later, forgetful):
        await one.close()


@pytest.mark.parametrize("text", ["a key", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----", " "])
def test_previous_keys_are_public_keys_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match="PUBLIC KEY"):
        public_pems(text)
