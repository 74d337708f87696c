"""What a shopper does and sees, for tests of the pages."""

import re
from html import unescape

import httpx

ADDRESS = {
    "shipping.firstName": "Example",
    "shipping.lastName": "Shopper",
    "shipping.streetAddress1": "1 Example Street",
    "shipping.city": "Exampletown",
    "shipping.postalCode": "10001",
    "shipping.countryArea": "NY",
    "shipping.country": "US",
    "sameAddress": "1",
}


async def put(client: httpx.AsyncClient, variant: str, quantity: str = "1", **headers: str) -> httpx.Response:
    form = {"variantId": variant, "quantity": quantity, "next": "/products/gentle-shampoo"}
    return await client.post("/cart/lines", data=form, headers=headers)


def words(response: httpx.Response) -> str:
    """What a reader sees."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


async def ready(client: httpx.AsyncClient) -> None:
    """A checkout that only lacks its payment."""
    await put(client, "course-of-3-consultations-1")
    person = {"billing.firstName": "Example", "billing.lastName": "Shopper", "billing.country": "US"}
    await client.post("/checkout/details", data={"email": "shopper@example.com", **person})
