"""Saleor's own clients, as npm has them, against this shop: `clients/` says what they do, this file what they find."""

import base64
import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from shop.accounts.rules import TokenUser
from shop.api.accounts.auth import make_signer
from shop.kit import clock
from shop.kit.db import Database, DatabaseUrl
from shop.kit.resources import graphql_folder
from shop.kit.settings import Environment, Settings
from tests import factories as make
from tests.api.accounts.mailbox import link_of, mails
from tests.api.client import Api
from tests.compat.clients import Scripts, scripts, serving
from tests.compat.storefront import ADDRESS
from tests.compat.things import PASSWORD
from tests.compat.world import CHANNEL
from tests.database import Server

pytestmark = pytest.mark.clients

ANOTHER: Final = "quite another one"
WRONG: Final = [["email", "INVALID_CREDENTIALS"]]
NO_PROVIDER: Final = {
    "code": "NOT_FOUND",
    "field": "pluginId",
    "message": "There is no such identity provider.",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Scripts:
    """`run(script, step, …)`: what a script of `clients/` found."""
    return scripts(tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def shop_url(run: Scripts, postgres: Server, template: str) -> Iterator[DatabaseUrl]:
    url = postgres.copy(template)
    yield url
    postgres.drop(url)


@pytest.fixture(scope="module")
def shop(shop_url: DatabaseUrl, jwt_private_key: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of a shop that listens."""
    settings = Settings(
        _env_file=None,
        environment=Environment.TEST,
        state_folder=tmp_path_factory.mktemp("state"),
        database_url=str(shop_url),
        secret_key=SecretStr("a secret of thirty-two characters"),
        jwt_private_key=SecretStr(jwt_private_key),
        allowed_client_origins=("http://localhost:3000",),
    )
    with serving(settings) as served:
        yield served


@pytest.fixture(scope="module")
def url(shop: Settings) -> str:
    """Where the clients send everything."""
    return f"{shop.public_url}/graphql/"


@pytest.fixture(scope="module")
async def api(shop: Settings, shop_url: DatabaseUrl, anyio_backend: str) -> AsyncIterator[Api]:
    """What the tests themselves prepare and look at, in the same database."""
    database = Database(shop_url, pool_size=2, application_name="tests")
    api = Api(shop, database)
    await database.run(lambda session: make.channel(session, slug=CHANNEL))
    yield api
    await api.close()
    await database.close()


@pytest.fixture
def jar(url: str) -> Callable[..., dict[str, str]]:
    """`jar(state=…, access=…, refresh=…)`: what @saleor/auth-sdk keeps, under the names that it gives."""
    names = {"state": "auth_module_auth_state", "access": "auth_access_token", "refresh": "auth_module_refresh_token"}
    return lambda **values: {f"{url}+saleor_{names[name]}": value for name, value in values.items()}


def claims(token: str) -> dict[str, Any]:
    """What a token says."""
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


async def last_link(api: Api, path: str) -> dict[str, str]:
    """The parameters of the newest link that leads there."""
    return [link_of(mail) for mail in await mails(api) if f"http://localhost:3000{path}?" in mail.text][-1]


async def test_auth_sdk_keeps_a_session_over_visits(
    run: Scripts, api: Api, url: str, jar: Callable[..., dict[str, str]]
) -> None:
    await api.login("visitor@example.com", password=PASSWORD)
    refused = run("auth-sdk", "signIn", url=url, email="visitor@example.com", password="not it")
    assert refused == {
        "errors": [{"message": "Please, enter valid credentials", "field": "email", "code": "INVALID_CREDENTIALS"}],
        "token": False,
        "me": None,
        "kept": jar(state="signedOut"),
    }
    signed_in = run("auth-sdk", "signIn", url=url, email="visitor@example.com", password=PASSWORD)
    access, refresh, _ = (signed_in["kept"][name] for name in jar(access="", refresh="", state=""))
    assert signed_in == {
        "errors": [],
        "token": True,
        "me": "visitor@example.com",
        "kept": jar(access=access, refresh=refresh, state="signedIn"),
    }
    assert (claims(access)["iss"], claims(access)["type"], claims(refresh)["type"]) == (url, "access", "refresh")

    # While the access token is good nothing is asked for.
    visit = run("auth-sdk", "visit", url=url, kept=signed_in["kept"])
    assert visit == {
        "me": ["visitor@example.com"] * 3,
        "sent": [["Me", "with token"]] * 3,
        "kept": signed_in["kept"],
    }
    # The token names the shop's address to the letter, and another spelling is another shop.
    elsewhere = url.replace("127.0.0.1", "localhost")
    assert run("auth-sdk", "elsewhere", url=url, other=elsewhere, kept=signed_in["kept"]) == {
        "me": [None, "visitor@example.com"],
        "sent": [["Me", "without"], ["Me", "with token"]],
    }
    # Signing out empties the client; the shop has nothing to forget but the tokens' time.
    assert run("auth-sdk", "signOut", url=url, kept=signed_in["kept"]) == {
        "me": ["visitor@example.com", None],
        "kept": jar(state="signedOut"),
    }


async def test_auth_sdk_asks_once_for_another_token_and_gives_up_when_refused(
    run: Scripts, api: Api, url: str, jar: Callable[..., dict[str, str]]
) -> None:
    await api.login("returning@example.com", password=PASSWORD)
    kept = run("auth-sdk", "signIn", url=url, email="returning@example.com", password=PASSWORD)["kept"]
    (access,) = jar(access="")
    ended = make_signer(api.settings).make(
        TokenUser(0, "returning@example.com", False, "none"),
        "access",
        clock.now() - timedelta(hours=1),
        timedelta(minutes=5),
    )
    late = run("auth-sdk", "visit", url=url, kept=kept | {access: ended})
    assert late["me"] == ["returning@example.com"] * 3
    assert late["sent"] == [["refreshToken", "without"], *[["Me", "with token"]] * 3]
    assert late["kept"] == kept | {access: late["kept"][access]}
    assert claims(late["kept"][access])["exp"] > claims(ended)["exp"]

    await api.database.run(lambda session: session.execute(text("UPDATE account_refresh_token SET revoked_at = now()")))
    refused = run("auth-sdk", "visit", url=url, kept=kept | {access: ended})
    assert refused["me"] == [None] * 3
    assert refused["sent"] == [["refreshToken", "without"], *[["Me", "without"]] * 3]
    assert refused["kept"] == jar(state="signedOut", access=ended)


async def test_auth_sdk_chooses_another_password(
    run: Scripts, api: Api, url: str, jar: Callable[..., dict[str, str]]
) -> None:
    email = "forgetful@example.com"
    await api.login(email, password=PASSWORD)
    await api(
        "mutation($email: String!, $url: String!)"
        " { requestPasswordReset(email: $email, redirectUrl: $url) { errors { code } } }",
        {"email": email, "url": "http://localhost:3000/reset"},
    )
    token = (await last_link(api, "/reset"))["token"]
    refused = run("auth-sdk", "resetPassword", url=url, email=email, token="none", password=ANOTHER)
    assert [(error["field"], error["code"]) for error in refused["errors"]] == [("token", "INVALID")]
    assert (refused["me"], refused["kept"]) == (None, jar(state="signedOut"))
    chosen = run("auth-sdk", "resetPassword", url=url, email=email, token=token, password=ANOTHER)
    assert (chosen["errors"], chosen["me"]) == ([], email)
    assert set(chosen["kept"]) == set(jar(access="", refresh="", state=""))
    assert run("auth-sdk", "signIn", url=url, email=email, password=PASSWORD)["token"] is False


async def test_auth_sdk_keeps_both_tokens_in_cookies_of_next_js(
    run: Scripts, api: Api, url: str, jar: Callable[..., dict[str, str]]
) -> None:
    await api.login("server@example.com", password=PASSWORD)
    found = run("auth-sdk", "cookies", url=url, email="server@example.com", password=PASSWORD)
    assert found["me"] == {"email": "server@example.com"}
    access, refresh, state = (found["cookies"][name] for name in jar(access="", refresh="", state=""))
    guarded = {"httpOnly": True, "sameSite": "lax", "secure": False}
    assert state == {"value": "signedIn", **guarded}
    # A cookie ends with its token, which the client reads without a key.
    for cookie in (access, refresh):
        ends = datetime.fromtimestamp(claims(cookie["value"])["exp"], UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        assert cookie == {"value": cookie["value"], "expires": ends, **guarded}


async def test_auth_sdk_is_told_that_nobody_else_logs_people_in(run: Scripts, url: str) -> None:
    assert run("auth-sdk", "external", url=url) == {
        "began": {"name": "GraphQLError", "errors": [NO_PROVIDER]},
        "ended": {"token": None, "refreshToken": None, "user": None, "errors": [NO_PROVIDER]},
    }


async def test_sdk_registers_confirms_and_logs_in(run: Scripts, api: Api, url: str) -> None:
    somebody: dict[str, Any] = {"url": url, "email": "single-page@example.com", "password": PASSWORD}
    assert run("sdk", "register", **somebody) == {
        "made": {"errors": [], "requiresConfirmation": True},
        "early": [["email", "ACCOUNT_NOT_CONFIRMED"]],
    }
    brief = {
        "email": somebody["email"],
        "firstName": "",
        "lastName": "",
        "isStaff": False,
        "userPermissions": [],
    }
    whole = brief | {
        "metadata": [],
        "defaultShippingAddress": None,
        "defaultBillingAddress": None,
        "addresses": [],
    }
    assert run("sdk", "confirm", token=(await last_link(api, "/confirm"))["token"], **somebody) == {
        "wrong": [["token", "INVALID"]],
        "right": [],
        "refused": WRONG,
        "brief": brief,
        "whole": whole,
        "state": {"user": whole, "authenticated": True, "authenticating": False},
        "kept": ["_saleorRefreshToken"],
    }
    sessions = run("sdk", "sessions", **somebody)
    assert sessions["verified"] == {
        "isValid": True,
        "payload": sorted(["iat", "owner", "iss", "exp", "token", "email", "type", "user_id", "is_staff", "jti"]),
        "user": whole,
        "errors": [],
    }
    assert (sessions["refreshed"], sessions["again"]) == (somebody["email"], somebody["email"])
    assert sessions["state"] == {"user": None, "authenticated": False, "authenticating": False}
    assert sessions["kept"] == {}


@pytest.mark.parametrize("early", [True, False], ids=["before it ends", "when the shop says so"])
async def test_sdk_changes_its_token_for_another(
    run: Scripts, api: Api, url: str, monkeypatch: pytest.MonkeyPatch, *, early: bool
) -> None:
    await api.login("patient@example.com", password=PASSWORD)

    def time_passes() -> None:
        monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=10))

    found = run(
        *("sdk", "expiry"),
        url=url,
        email="patient@example.com",
        password=PASSWORD,
        early=early,
        meanwhile=None if early else time_passes,
    )
    assert found == {"errors": [], "firstName": "Later"}


async def test_sdk_keeps_an_account(run: Scripts, api: Api, url: str) -> None:
    email = "resident@example.com"
    await api.login(email, password=PASSWORD)
    found = run("sdk", "account", url=url, email=email, password=PASSWORD, address=ADDRESS)
    assert found == {
        "named": ["Example", "Shopper"],
        "made": {
            "firstName": "Example",
            "lastName": "Customer",
            "companyName": "",
            "streetAddress1": "1 Example Street",
            "streetAddress2": "",
            "city": "EXAMPLE CITY",
            "cityArea": "",
            "postalCode": "10001",
            "country": {"code": "US", "country": "United States of America"},
            "countryArea": "NY",
            "phone": "+1 212 555 0100",
            "isDefaultBillingAddress": False,
            "isDefaultShippingAddress": False,
        },
        "preferred": True,
        "moved": "ANOTHER TOWN",
        "wrong": [["city", "REQUIRED"]],
        "dropped": [],
        "gone": [["id", "NOT_FOUND"]],
    }
    assert run("sdk", "changePassword", url=url, email=email, password=PASSWORD, another=ANOTHER) == {
        "wrong": [["oldPassword", "INVALID_CREDENTIALS"]],
        "right": [],
        "old": WRONG,
        "fresh": [],
    }


async def test_sdk_follows_the_links_of_mails(run: Scripts, api: Api, url: str) -> None:
    people = {who: f"{who}@example.com" for who in ("forgetful-too", "mover", "leaver")}
    for email in people.values():
        await api.login(email, password=PASSWORD)
    given: dict[str, Any] = {
        "url": url,
        "forgetful": people["forgetful-too"],
        "mover": people["mover"],
        "leaver": people["leaver"],
        "password": PASSWORD,
    }
    asked = run("sdk", "requests", newEmail="moved@example.com", **given)
    assert asked == {"forgot": [], "moving": [], "leaving": []}
    links: dict[str, Any] = {path: (await last_link(api, f"/{path}"))["token"] for path in ("reset", "move", "leave")}
    assert run("sdk", "links", another=ANOTHER, **given, **links) == {
        "chosen": [[], people["forgetful-too"]],
        "twice": [["token", "INVALID"]],
        "stranger": [["token", "INVALID"]],
        "moved": [[], "moved@example.com"],
        "left": [[], people["leaver"]],
        "closed": WRONG,
    }


async def test_sdk_is_told_that_nobody_else_logs_people_in(run: Scripts, url: str) -> None:
    refused = [["pluginId", "NOT_FOUND"]]
    assert run("sdk", "external", url=url) == {
        "began": refused,
        "ended": refused,
        "verified": [False, refused],
        "refreshed": refused,
        "out": refused,
        # What the client had kept of such a log-in is gone.
        "kept": {},
    }


async def test_a_code_generator_reads_from_the_shop_what_the_repository_says(run: Scripts, url: str) -> None:
    found = run("schema", "compare", url=url, file=str(graphql_folder() / "schema.graphql"))
    assert (found["only_running"], found["only_written"]) == ([], [])
    running, written = found["lines"]
    assert running == written > 9000
