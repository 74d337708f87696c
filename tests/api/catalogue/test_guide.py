"""Every request of `docs/catalogue.md`, sent in its order, with what the earlier ones answered."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from shop import wiring
from tests import factories as make
from tests.api.client import Api

GUIDE: Final = Path(__file__).resolve().parents[3] / "docs/catalogue.md"
EMAIL: Final = "staff@example.com"
PASSWORD: Final = "a long enough one"
# `NAME=$(shop '{…}' | jq -r .path)`, or `shop '{…}'` alone.
REQUEST: Final = re.compile(
    r"^```sh\n(?:(?P<name>[A-Z]+)=\$\()?shop '(?P<body>\{.*?\n\})'(?: \| jq -r '?(?P<path>[^')]+)'?\))?\n```$",
    re.MULTILINE | re.DOTALL,
)


def _filled(body: str, known: dict[str, str]) -> Any:
    """The request with the shell's variables in it."""
    return orjson.loads(re.sub(r"""'"\$([A-Z]+)"'""", lambda found: known[found[1]], body))


def _at(path: str, answer: Any) -> Any:
    for step in re.findall(r"\.(\w+)|\[(\d+)\]", path):
        answer = answer[step[0]] if step[0] else answer[int(step[1])]
    return answer


@pytest.mark.usefixtures("_channel")
async def test_the_guide_makes_a_product_that_can_be_bought(api: Api) -> None:
    wiring.connect()
    permissions = ("MANAGE_PRODUCTS", "MANAGE_PRODUCT_TYPES_AND_ATTRIBUTES")
    await api.login(EMAIL, *permissions, password=PASSWORD)
    known = {"EMAIL": EMAIL, "PASSWORD": PASSWORD}
    text = GUIDE.read_text(encoding="utf-8")
    requests = list(REQUEST.finditer(text))
    # All of its blocks are requests, but the one that says how to send them.
    assert len(requests) == text.count("```sh") - 1 == 10
    answer: Any = None
    for request in requests:
        body = _filled(request["body"], known)
        reply = await api(body["query"], body.get("variables"), token=known.get("TOKEN"))
        answer = reply.data
        assert [each["errors"] for each in answer.values() if isinstance(each, dict) and each.get("errors")] == []
        if request["name"] is not None:
            known[request["name"]] = _at(request["path"], {"data": answer})
    price = answer["product"]["pricing"]["priceRange"]["start"]["gross"]
    assert answer["product"] | {"pricing": None} == {"name": "Olive soap", "isAvailable": True, "pricing": None}
    assert (Decimal(str(price["amount"])), price["currency"]) == (Decimal("6.5"), "USD")


@pytest.fixture
async def _channel(api: Api) -> None:
    async with api.database.unit() as session:
        channel = await make.channel(session, slug="default-channel")
        await make.warehouse(session, channel)
