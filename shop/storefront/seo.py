"""What machines read on a page: structured data by schema.org."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from shop.storefront import prices

_CONTEXT: Final = "https://schema.org"


def script(data: Mapping[str, Any]) -> Markup:
    """The content of a JSON-LD script element; no text in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, code)
    return Markup(text)  # noqa: S704 - the signs that HTML reads were replaced above


def summary(html: str | None, length: int = 160) -> str:
    """The text of HTML, cut at a word: what search engines and previews show."""
    text = Markup(html or "").striptags()  # noqa: S704 - its tags go
    return text if len(text) <= length else text[:length].rpartition(" ")[0].rstrip(" ,;:.") + "…"


def website(name: str, description: str, base: str) -> dict[str, Any]:
    """The shop and its search."""
    return {
        "@context": _CONTEXT,
        "@type": "WebSite",
        "name": name,
        "description": description,
        "url": f"{base}/",
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": f"{base}/search?q={{search_term_string}}"},
            "query-input": "required name=search_term_string",
        },
    }


def breadcrumbs(base: str, trail: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Where a page stands: pairs of name and path, from the start page down."""
    return {
        "@context": _CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": base + path}
            for position, (name, path) in enumerate(trail, 1)
        ],
    }


def product(
    base: str, node: Mapping[str, Any], variants: Sequence[Mapping[str, Any]], description: str, shop_name: str
) -> dict[str, Any]:
    """A product, or a service where nothing is delivered, with an offer for each variant that has a price."""
    gross = bool((node["pricing"] or {}).get("displayGrossPrices", True))
    goods = node["productType"]["isShippingRequired"]
    data: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "Product" if goods else "Service",
        "name": node["name"],
        "description": description,
        "url": f"{base}/products/{node['slug']}",
        "image": [picture["url"] for picture in node["media"] or []],
        "offers": [
            _offer(base, node, variant, gross=gross)
            for variant in variants
            if variant["pricing"] and variant["pricing"]["price"]
        ],
    }
    organization = {"@type": "Organization", "name": shop_name}
    return data | ({"brand": organization} if goods else {"provider": organization})


def _offer(base: str, node: Mapping[str, Any], variant: Mapping[str, Any], *, gross: bool) -> dict[str, Any]:
    amount = variant["pricing"]["price"]["gross" if gross else "net"]
    offer = {
        "@type": "Offer",
        "name": variant["name"],
        "price": prices.number(amount),
        "priceCurrency": amount["currency"],
        "url": f"{base}/products/{node['slug']}",
        "availability": f"{_CONTEXT}/{'InStock' if variant['quantityAvailable'] != 0 else 'OutOfStock'}",
    }
    return offer | ({"sku": variant["sku"]} if variant["sku"] else {})
