"""A storefront that is not ours: it sends the documents of `documents/`, written in the manner of today's clients."""

from pathlib import Path
from typing import Any

from shop.storefront.documents import Documents
from tests.api.client import Api
from tests.compat.world import CHANNEL

DOCUMENTS = Documents(Path(__file__).with_name("documents"))

ADDRESS = {
    "firstName": "Example",
    "lastName": "Customer",
    "streetAddress1": "1 Example Street",
    "city": "Example City",
    "postalCode": "10001",
    "countryArea": "NY",
    "country": "US",
    "phone": "+1 212 555 0100",
}


class Storefront:
    """`await storefront("ProductPage", slug="shampoo")` is the value of the document's one root field.

    Every operation must be answered by a compiled plan: a field that the engine leaves to graphql-core fails the test.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.token: str | None = None
        self.language = "EN"
        self.statements = 0
        api.graphql.documents.compile_at = 1

    async def __call__(self, name: str, **variables: Any) -> Any:
        """What the operation's root field gives, without errors of any kind."""
        value = await self.attempt(name, **variables)
        assert not (isinstance(value, dict) and value.get("errors")), value["errors"]
        return value

    async def attempt(self, name: str, **variables: Any) -> Any:
        """The same with whatever the payload's `errors` say."""
        data = await self.all(name, **variables)
        (value,) = data.values()
        return value

    async def refused(self, name: str, **variables: Any) -> list[tuple[str | None, str]]:
        """The field and code of each of the payload's errors, of which there is one at least."""
        errors = (await self.attempt(name, **variables))["errors"]
        assert errors
        assert all(error["message"] for error in errors)
        return [(error["field"], error["code"]) for error in errors]

    async def all(self, name: str, **variables: Any) -> Any:
        """The data of an operation with several root fields."""
        given = {"channel": CHANNEL, "language": self.language, "addressLanguage": None, "first": 20} | variables
        stats = self.api.graphql.documents.stats
        planned = stats.planned
        reply = await self.api(DOCUMENTS[name].text, given, token=self.token)
        data = reply.data
        self.statements = reply.statements
        assert stats.planned - planned == len(data), name
        assert not stats.bails, stats.bails
        assert not stats.unplanned, stats.unplanned
        return data


def nodes(connection: Any) -> list[Any]:
    """The nodes of a connection."""
    return [edge["node"] for edge in connection["edges"]]


def gross(price: Any) -> float:
    """What a shopper pays of a taxed price."""
    amount: float = price["gross"]["amount"]
    return amount
