"""What staff writes of pages: the inputs, and what they say of a page's columns."""

from datetime import UTC, date, datetime, time
from typing import Any, Final

import strawberry

from shop.api.attributes.giving import AttributeValueInput
from shop.api.core.scalars import JSON, JSONString
from shop.content.rules.pages import PageFields
from shop.content.rules.pictures import without_host
from shop.kit.errors import Invalid

_TEXTS: Final = (
    "title",
    "author_name",
    "reviewer_name",
    "reviewer_credentials",
    "last_reviewed",
    "review_due",
    "review_note",
    "regulatory_status",
    "conflict_of_interest",
)


@strawberry.input(description="What search engines are told instead of title and text.")
class SeoInput:
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Title, 70 characters at most.")
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="Description, 300 characters at most."
    )


@strawberry.input(description="What a draft of a page is to say. What is left out it does not change; null empties it.")
class PageDraftInput:
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Title, 250 characters at most.")
    content: JSONString | None = strawberry.field(
        default=strawberry.UNSET, description="EditorJS blocks, as a JSON text: instead of `contentBlocks`."
    )
    seo: SeoInput | None = strawberry.field(default=strawberry.UNSET, description="What search engines are told.")
    attributes: list[AttributeValueInput] | None = strawberry.field(
        default=None, description="What it is to say of the attributes of its type; those left out stay as they are."
    )
    content_blocks: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description="EditorJS blocks of all kinds: edit what `Page.contentBlocks` says; `Page.content` lacks some.",
    )
    author_name: str | None = strawberry.field(default=strawberry.UNSET, description="Who wrote it.")
    author_is_organization: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether a team or an organization wrote it, rather than a person."
    )
    reviewer_name: str | None = strawberry.field(default=strawberry.UNSET, description="Who checked what it says.")
    reviewer_credentials: str | None = strawberry.field(
        default=strawberry.UNSET, description="The training by which the reviewer can judge it."
    )
    last_reviewed: date | None = strawberry.field(default=strawberry.UNSET, description="When that was done last.")
    review_due: date | None = strawberry.field(default=strawberry.UNSET, description="When it is to be done again.")
    review_note: str | None = strawberry.field(
        default=strawberry.UNSET, description="What stands beside the badge: why nobody checked it, say."
    )
    regulatory_status: str | None = strawberry.field(
        default=strawberry.UNSET, description="Whether what it writes about is approved, and where, or investigational."
    )
    conflict_of_interest: str | None = strawberry.field(
        default=strawberry.UNSET, description="What this site earns by what it writes about."
    )


@strawberry.input(description="What to write of a page. What is left out stays; null empties it.")
class PageInput(PageDraftInput):
    slug: str | None = strawberry.field(
        default=strawberry.UNSET, description="Name in addresses. The former one leads to the page from then on."
    )
    is_published: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether visitors may read it, once `publishedAt` has come."
    )
    publication_date: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The day from which visitors may read it, ISO 8601.",
        deprecation_reason="Use `publishedAt`.",
    )
    published_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="From when visitors may read it; now, where it is published without."
    )
    unpublished_at: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="From when visitors may not read it any more."
    )
    override_reason: str | None = strawberry.field(
        default=None,
        description="Why it is published though the policy of its type finds something; kept with the revision.",
    )


@strawberry.input(description="A new page.")
class PageCreateInput(PageInput):
    page_type: strawberry.ID = strawberry.field(description="ID of its type.")


def texts_of(given: PageDraftInput, base_url: str) -> PageFields:
    """What the input says of what readers read; pictures below `base_url` are the shop's own. Raises: Invalid."""
    found: dict[str, Any] = {name: getattr(given, name) for name in _TEXTS}
    # A flag is never null: that means the same as leaving it out.
    if given.author_is_organization is not None:
        found["author_is_organization"] = given.author_is_organization
    if given.content is not strawberry.UNSET and given.content_blocks is not strawberry.UNSET:
        raise Invalid("Pass one of `content` and `contentBlocks`.", field="contentBlocks")
    content = given.content if given.content is not strawberry.UNSET else given.content_blocks
    found["content"] = without_host(content, base_url)
    if given.seo is not strawberry.UNSET:
        found["seo_title"] = given.seo.title if given.seo else None
        found["seo_description"] = given.seo.description if given.seo else None
    return _said(found)


def fields_of(given: PageInput, base_url: str) -> PageFields:
    """What the input says of the page's columns, as `texts_of`. Raises: Invalid."""
    found: dict[str, Any] = {"slug": given.slug, "unpublished_at": given.unpublished_at}
    if given.is_published is not None:
        found["is_published"] = given.is_published
    found["published_at"] = given.published_at
    if found["published_at"] is strawberry.UNSET and given.publication_date is not strawberry.UNSET:
        found["published_at"] = _midnight(given.publication_date)
    return {**texts_of(given, base_url), **_said(found)}


def _said(found: dict[str, Any]) -> PageFields:
    fields: PageFields = {}
    fields.update({name: value for name, value in found.items() if value is not strawberry.UNSET})  # type: ignore[typeddict-item]
    return fields


def _midnight(day: str | None) -> datetime | None:
    if day is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        raise Invalid("This is no day, such as 2026-11-23.", field="publicationDate") from None
