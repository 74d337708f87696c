"""Address books: who may do what to whose, which default is which, and every error."""

from typing import Any

import pytest
from sqlalchemy import text

from shop.kit import ids
from tests import factories as make
from tests.api.client import Api

ADDRESS = "id firstName streetAddress1 city postalCode countryArea country { code } metadata { key value }"
CREATE = f"""
mutation Create($input: AddressInput!, $type: AddressTypeEnum) {{
  accountAddressCreate(input: $input, type: $type) {{
    address {{ {ADDRESS} }}
    user {{ addresses {{ id }} defaultShippingAddress {{ id }} defaultBillingAddress {{ id }} }}
    errors {{ field code addressType }}
  }}
}}
"""
UPDATE = f"""
mutation Update($id: ID!, $input: AddressInput!) {{
  accountAddressUpdate(id: $id, input: $input) {{
    address {{ {ADDRESS} }} user {{ email }} errors {{ field code }}
  }}
}}
"""
DELETE = """
mutation Delete($id: ID!) {
  accountAddressDelete(id: $id) { address { id city } user { email addresses { id } } errors { field code } }
}
"""
DEFAULT = """
mutation Default($id: ID!, $type: AddressTypeEnum!) {
  accountSetDefaultAddress(id: $id, type: $type) {
    user { defaultShippingAddress { id } defaultBillingAddress { id } } errors { field code }
  }
}
"""
PLACE = {
    "firstName": "Example",
    "streetAddress1": "1 Example Street",
    "city": "Example City",
    "postalCode": "10001",
    "country": "US",
    "countryArea": "new york",
}


async def create(api: Api, token: str, type: str | None = None, **more: Any) -> Any:
    reply = await api(CREATE, {"input": PLACE | more, "type": type}, token=token)
    return reply.data["accountAddressCreate"]


async def test_an_address_from_its_first_day_to_its_last(api: Api) -> None:
    token = await api.login()
    made = await create(api, token, metadata=[{"key": "door", "value": "green"}])
    assert made["errors"] == []
    address = made["address"]
    assert (address["countryArea"], address["city"]) == ("NY", "EXAMPLE CITY")
    assert made["user"] == {
        "addresses": [{"id": address["id"]}],
        "defaultShippingAddress": None,
        "defaultBillingAddress": None,
    }
    second = await create(api, token, "BILLING", city="Other City")
    assert second["user"]["defaultBillingAddress"] == {"id": second["address"]["id"]}
    chosen = (await api(DEFAULT, {"id": address["id"], "type": "SHIPPING"}, token=token)).data
    assert chosen["accountSetDefaultAddress"] == {
        "user": {
            "defaultShippingAddress": {"id": address["id"]},
            "defaultBillingAddress": {"id": second["address"]["id"]},
        },
        "errors": [],
    }
    change = PLACE | {"postalCode": "94105", "countryArea": "CA", "metadata": [{"key": "bell", "value": "2"}]}
    changed = (await api(UPDATE, {"id": address["id"], "input": change}, token=token)).data["accountAddressUpdate"]
    assert (changed["errors"], changed["address"]["postalCode"]) == ([], "94105")
    assert sorted(one["key"] for one in changed["address"]["metadata"]) == ["bell", "door"]
    gone = (await api(DELETE, {"id": address["id"]}, token=token)).data["accountAddressDelete"]
    assert gone["errors"] == []
    assert gone["address"] == {"id": address["id"], "city": "EXAMPLE CITY"}
    assert gone["user"]["addresses"] == [{"id": second["address"]["id"]}]
    me = (await api("{ me { defaultShippingAddress { id } } }", token=token)).data["me"]
    assert me == {"defaultShippingAddress": None}


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"country": None}, [("country", "REQUIRED")]),
        ({"city": " ", "streetAddress1": None}, [("city", "REQUIRED"), ("streetAddress1", "REQUIRED")]),
        ({"postalCode": "90210"}, [("postalCode", "INVALID")]),
        ({"countryArea": "Nowhere"}, [("countryArea", "INVALID")]),
        ({"phone": "call me"}, [("phone", "INVALID")]),
        ({"metadata": [{"key": " ", "value": ""}]}, [("metadata", "REQUIRED")]),
    ],
)
async def test_an_address_that_nothing_reaches(api: Api, change: dict[str, Any], errors: list[tuple[str, str]]) -> None:
    token = await api.login()
    made = await create(api, token, "SHIPPING", **change)
    assert [(one["field"], one["code"]) for one in made["errors"]] == errors
    assert {one["addressType"] for one in made["errors"]} <= {"SHIPPING", None}
    assert (made["address"], made["user"]) == (None, None)
    assert (await api("{ me { addresses { id } } }", token=token)).data == {"me": {"addresses": []}}


CALLERS = {
    "nobody": (None, ()),
    "owner": ("owner@example.com", ()),
    "another customer": ("other@example.com", ()),
    "staff without the permission": ("clerk@example.com", ("MANAGE_PRODUCTS",)),
    "staff with the permission": ("chief@example.com", ("MANAGE_USERS",)),
}


@pytest.mark.parametrize(
    ("caller", "answer", "default"),
    [
        ("nobody", "PermissionDenied", "PermissionDenied"),
        ("owner", None, None),
        ("another customer", "NOT_FOUND", "NOT_FOUND"),
        ("staff without the permission", "NOT_FOUND", "NOT_FOUND"),
        # Defaults are the user's own choice.
        ("staff with the permission", None, "NOT_FOUND"),
    ],
)
async def test_who_may_touch_an_address(api: Api, caller: str, answer: str | None, default: str | None) -> None:
    owner = await api.login("owner@example.com")
    address = (await create(api, owner))["address"]["id"]
    email, permissions = CALLERS[caller]
    token = await api.login(email, *permissions) if email else None
    calls = [
        (DEFAULT, {"id": address, "type": "BILLING"}, "accountSetDefaultAddress", default),
        (UPDATE, {"id": address, "input": PLACE | {"city": "Changed"}}, "accountAddressUpdate", answer),
        (DELETE, {"id": address}, "accountAddressDelete", answer),
    ]
    for document, variables, name, expected in calls:
        reply = await api(document, variables, token=token)
        if expected == "PermissionDenied":
            assert reply.partial == {name: None}
            assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
        else:
            errors = [{"field": "id", "code": expected}] if expected else []
            assert reply.data[name]["errors"] == errors
    # Denied is also: nothing has changed.
    kept = (await api("{ me { addresses { city } defaultBillingAddress { city } } }", token=owner)).data["me"]
    if answer is None:
        assert kept["addresses"] == []
    else:
        assert kept == {"addresses": [{"city": "EXAMPLE CITY"}], "defaultBillingAddress": None}


async def test_ids_that_name_no_address_of_a_book(api: Api) -> None:
    chief = await api.login("chief@example.com", "MANAGE_USERS")
    # A copy that belongs to an order or a checkout is in nobody's book.
    copy = await api.database.run(make.address)
    for given, code in (
        (ids.encode("Address", copy.id), "NOT_FOUND"),
        (ids.encode("Address", 2_000_000_000), "NOT_FOUND"),
        (ids.encode("User", copy.id), "GRAPHQL_ERROR"),
        ("garbage", "GRAPHQL_ERROR"),
    ):
        for document, more in ((UPDATE, {"input": PLACE}), (DELETE, {}), (DEFAULT, {"type": "SHIPPING"})):
            (data,) = (await api(document, {"id": given, **more}, token=chief)).data.values()
            assert data["errors"] == [{"field": "id", "code": code}]


async def test_checks_are_skipped_by_who_manages_users_alone(api: Api) -> None:
    odd = {"country": "US", "postalCode": "odd", "skipValidation": True}
    chief = await api.login("chief@example.com", "MANAGE_USERS")
    made = (await api(CREATE, {"input": odd}, token=chief)).data["accountAddressCreate"]
    assert (made["errors"], made["address"]["postalCode"]) == ([], "odd")
    customer = await api.login()
    reply = await api(CREATE, {"input": odd}, token=customer)
    assert reply.partial == {"accountAddressCreate": None}
    assert reply.errors[0]["extensions"]["exception"]["code"] == "PermissionDenied"
    assert (await api("{ me { addresses { id } } }", token=customer)).data == {"me": {"addresses": []}}


async def test_a_full_book_loses_its_oldest_address_that_is_no_default(api: Api) -> None:
    token = await api.login()
    default = (await create(api, token, "SHIPPING", city="Default"))["address"]["id"]
    fill = text(
        "INSERT INTO account_address (user_id, country, city) "
        "SELECT user_id, 'US', n::text FROM account_address, generate_series(1, 99) n"
    )

    async def write(session: Any) -> None:
        await session.execute(fill)

    await api.database.run(write)
    for _ in range(2):
        await create(api, token, city="New")
    cities = (await api("{ me { addresses { id city } } }", token=token)).data["me"]["addresses"]
    assert len(cities) == 100
    assert cities[0]["id"] == default
    assert [one["city"] for one in cities[1:3]] == ["3", "4"]
    assert [one["city"] for one in cities[-2:]] == ["NEW", "NEW"]


async def test_an_address_says_whether_it_is_a_default(api: Api) -> None:
    token = await api.login()
    await create(api, token, "SHIPPING")
    await create(api, token)
    fields = "isDefaultShippingAddress isDefaultBillingAddress"
    me = (await api(f"{{ me {{ addresses {{ {fields} }} }} }}", token=token)).data["me"]
    assert me["addresses"] == [
        {"isDefaultShippingAddress": True, "isDefaultBillingAddress": False},
        {"isDefaultShippingAddress": False, "isDefaultBillingAddress": False},
    ]


async def test_a_book_takes_as_many_statements_for_one_address_as_for_twenty(api: Api) -> None:
    token = await api.login()
    counts = []
    for number in range(1, 21):
        await create(api, token, city=f"City {number}")
        document = "{ me { addresses { id city isDefaultBillingAddress } } }"
        counts.append((await api(document, token=token)).statements)
    assert set(counts) == {counts[0]}
