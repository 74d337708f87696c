"""What a page tells machines of itself, by schema.org."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from shop.content.rules.citations import citations
from shop.content.rules.inline import plain
from shop.content.rules.policy import MEDICAL_DUTY
from shop.content.rules.showing import image_url

_CONTEXT: Final = "https://schema.org"
_DESCRIPTION: Final = 160


# Parts of the slugs of page types: WordPress calls its articles posts.
_ARTICLES: Final = frozenset({"post", "posts", "news"})


def is_article(page_type: str) -> bool:
    """Whether pages of the type of this slug are something to read at length, rather than terms and the like."""
    return "article" in page_type or "blog" in page_type or not _ARTICLES.isdisjoint(page_type.split("-"))


@dataclass(frozen=True, slots=True)
class Profile:
    """A page as machines are told of it. `base`: where the shop is found, without a slash at the end."""

    base: str
    url: str
    title: str
    description: str
    image: str
    publisher: str
    is_article: bool
    policy: str | None
    content: Mapping[str, Any] | None
    published_at: datetime | None
    updated_at: datetime
    author_name: str | None
    author_is_organization: bool
    reviewer_name: str | None
    reviewer_credentials: str | None
    last_reviewed: date | None


def first_image(content: Mapping[str, Any] | None, base: str) -> str:
    """The address of a page's first picture, with the host; empty where it has none."""
    blocks = content.get("blocks") if content else None
    for block in blocks if isinstance(blocks, list) else []:
        if isinstance(block, dict) and block.get("type") == "image" and isinstance(block.get("data"), dict):
            url = image_url(block["data"])
            if url:
                return base + url if url.startswith("/") else url
    return ""


def summary(text: str, length: int = _DESCRIPTION) -> str:
    """The beginning of a text, cut at a word: what search engines and previews show."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[:length].rpartition(" ")[0].rstrip(" ,;:.") + "…"


def json_ld(page: Profile) -> dict[str, Any]:
    """The page as schema.org describes it: an article, and what is medical about it on the page that it is."""
    about: dict[str, Any] = {
        "@type": "MedicalWebPage" if page.policy == MEDICAL_DUTY else "WebPage",
        "@id": page.url,
        "url": page.url,
        "name": page.title,
    }
    if page.reviewer_name:
        about["reviewedBy"] = {"@type": "Person", "name": page.reviewer_name} | _present(
            description=page.reviewer_credentials
        )
    if page.last_reviewed:
        about["lastReviewed"] = page.last_reviewed.isoformat()
    if not page.is_article:
        return {"@context": _CONTEXT, **about} | _present(description=page.description, **_dates(page))
    publisher = {"@type": "Organization", "name": page.publisher, "url": f"{page.base}/"}
    kind = "Organization" if page.author_is_organization else "Person"
    author = {"@type": kind, "name": page.author_name} if page.author_name else publisher
    return {
        "@context": _CONTEXT,
        "@type": "Article",
        "headline": page.title,
        "mainEntityOfPage": about,
        "author": author,
        "publisher": publisher,
    } | _present(description=page.description, image=page.image, citation=_works(page.content), **_dates(page))


def _dates(page: Profile) -> dict[str, str]:
    return {
        "datePublished": page.published_at.isoformat() if page.published_at else "",
        "dateModified": page.updated_at.isoformat(),
    }


def _works(content: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    blocks = content.get("blocks") if content else None
    return [
        {"@type": "ScholarlyArticle", "name": plain(work.text) or work.links[0][0]}
        | _present(sameAs=[href for _, href in work.links])
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "references" and isinstance(block.get("data"), dict)
        for work in citations(block["data"])
    ]


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}
