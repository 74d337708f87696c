"""What tests of the catalogue's mutations share."""

from typing import Any, Final

from shop.kit import ids
from tests.api.client import Api

STAFF: Final = "MANAGE_PRODUCTS"


def nobody(kind: str) -> str:
    """The ID of something that is not there."""
    return ids.encode(kind, 2_000_000_000)


def paragraph(text: str) -> str:
    """A rich text of one paragraph, as clients send it."""
    return f'{{"blocks": [{{"type": "paragraph", "data": {{"text": "{text}"}}}}]}}'


async def run(api: Api, document: str, variables: dict[str, Any], token: str) -> Any:
    """What the document's only mutation answers."""
    (answer,) = (await api(document, variables, token=token)).data.values()
    return answer


async def refused(api: Api, document: str, variables: dict[str, Any], token: str) -> list[tuple[str | None, str]]:
    """The fields and codes of the errors; nothing else is answered."""
    answer = await run(api, document, variables, token)
    assert [name for name, value in answer.items() if value and not name.lower().endswith("errors")] == []
    return [(error["field"], error["code"]) for error in answer["errors"]]
