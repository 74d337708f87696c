"""The part of schema.org's vocabulary that pages use, and what of structured data is not in it.

Source: schema.org: each type with what it derives from, each property with the types that may follow it.
"""

from datetime import date, datetime
from typing import Any

CONTEXT = "https://schema.org"
_DERIVES = {
    "Thing": None,
    "CreativeWork": "Thing",
    "Article": "CreativeWork",
    "ScholarlyArticle": "Article",
    "WebPage": "CreativeWork",
    "MedicalWebPage": "WebPage",
    "WebSite": "CreativeWork",
    "Person": "Thing",
    "Organization": "Thing",
    "Intangible": "Thing",
    "Product": "Thing",
    "Service": "Intangible",
    "Offer": "Intangible",
    "ItemList": "Intangible",
    "BreadcrumbList": "ItemList",
    "ListItem": "Intangible",
    "EntryPoint": "Intangible",
    "Action": "Thing",
    "SearchAction": "Action",
}
# What a text has to be where a property says so.
_READ = {"Date": date.fromisoformat, "DateTime": datetime.fromisoformat}
_PROPERTIES: dict[str, dict[str, tuple[str, ...]]] = {
    "Thing": {
        "name": ("Text",),
        "description": ("Text",),
        "url": ("URL",),
        "image": ("URL",),
        "sameAs": ("URL",),
        "mainEntityOfPage": ("CreativeWork", "URL"),
        "potentialAction": ("Action",),
    },
    "CreativeWork": {
        "headline": ("Text",),
        "author": ("Person", "Organization"),
        "publisher": ("Person", "Organization"),
        "citation": ("CreativeWork", "Text"),
        "datePublished": ("DateTime", "Date"),
        "dateModified": ("DateTime", "Date"),
    },
    "WebPage": {"reviewedBy": ("Person", "Organization"), "lastReviewed": ("Date",)},
    "Product": {"offers": ("Offer",), "brand": ("Organization",)},
    "Service": {"offers": ("Offer",), "provider": ("Person", "Organization")},
    "Offer": {
        "price": ("Number",),
        "priceCurrency": ("Text",),
        "availability": ("ItemAvailability",),
        "sku": ("Text",),
    },
    "ItemList": {"itemListElement": ("ListItem",)},
    "ListItem": {"position": ("Integer",), "item": ("URL",)},
    "Action": {"target": ("EntryPoint",)},
    # `query-input` is how a search box says its input: "Potential Actions", property-specification.
    "SearchAction": {"query-input": ("Text",)},
    "EntryPoint": {"urlTemplate": ("Text",)},
}
_AVAILABILITY = {f"{CONTEXT}/InStock", f"{CONTEXT}/OutOfStock"}


def wrong(data: dict[str, Any], place: str = "") -> list[str]:
    """The places in the data at which the vocabulary has no such type, property or value; and what is empty."""
    kinds = _line(str(data.get("@type")))
    if not kinds:
        return [f"{place}@type"]
    known: dict[str, tuple[str, ...]] = {}
    for kind in kinds:
        known |= _PROPERTIES.get(kind, {})
    found = [] if place or data.get("@context") == CONTEXT else ["@context"]
    for name, value in data.items():
        if name in {"@type", "@context", "@id"}:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and not set(known.get(name, ())).isdisjoint(_line(str(each.get("@type")))):
                found += wrong(each, f"{place}{name}.")
            elif isinstance(each, dict) or not any(_is(each, kind) for kind in known.get(name, ())):
                found.append(f"{place}{name}")
    return found


def _line(kind: str) -> list[str]:
    """A type with those that it derives from; none for what is no type."""
    found: list[str] = []
    following: str | None = kind
    while following in _DERIVES:
        found.append(following)
        following = _DERIVES[following]
    return found


def _is(value: Any, kind: str) -> bool:
    if kind == "Integer":
        return isinstance(value, int)
    if not isinstance(value, str) or not value:
        return False
    if kind in _READ:
        try:
            _READ[kind](value)
        except ValueError:
            return False
        return True
    if kind == "Number":
        return value.replace(".", "", 1).isdigit()
    if kind == "ItemAvailability":
        return value in _AVAILABILITY
    return kind == "Text" or (kind == "URL" and value.startswith(("https://", "http://")))
