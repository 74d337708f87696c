"""The parts of a page that are types of their own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from shop.api.content.html import blocks_of, html_of
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum, LanguageDisplay
from shop.api.core.scalars import JSON
from shop.attributes.rules.keeping import Lost
from shop.content import queries
from shop.content.rules.policy import Duty, Finding, ReviewStatus
from shop.execution import batch_field

strawberry.enum(Duty, name="PageDutyCode", description="What an article on medicine lacks, or says too much of.")
strawberry.enum(ReviewStatus, name="PageReviewStatus", description="Whether somebody who can has checked an article.")


@strawberry.enum(description="What the pages of a type must hold to be published.")
class PagePolicy(Enum):
    MEDICAL_DUTY = "MEDICAL_DUTY"


@strawberry.type(description="A heading of a page, for its table of contents.")
class PageHeading:
    level: int = strawberry.field(description="2 to 6; the page's title is the only first level.")
    anchor: str = strawberry.field(description="The `id` that the heading has in `contentHtml`: link to `#anchor`.")
    text: str = strawberry.field(description="Its text, without markup.")


@strawberry.type(description="Who wrote a page.")
class PageAuthor:
    name: str = strawberry.field(description="A person's name, or that of an editorial team.")
    is_organization: bool = strawberry.field(description="Whether it is a team or an organization.")


@strawberry.type(description="Who checked what a page says.")
class PageReviewer:
    name: str = strawberry.field(description="The name.")
    credentials: str | None = strawberry.field(description="The training by which they can judge it.")


@strawberry.type(description="How a page looks where a link to it is shared, by the Open Graph protocol.")
class OpenGraph:
    title: str = strawberry.field(description="`og:title`")
    description: str = strawberry.field(description="`og:description`")
    type: str = strawberry.field(description="`og:type`: article or website.")
    url: str = strawberry.field(description="`og:url`: the canonical address.")
    image: str | None = strawberry.field(description="`og:image`: the page's first picture, if it has one.")
    site_name: str = strawberry.field(description="`og:site_name`: the shop.")
    published_time: datetime | None = strawberry.field(description="`article:published_time`")
    modified_time: datetime = strawberry.field(description="`article:modified_time`")


@strawberry.type(description="A language in which a page can be read, for `hreflang`.")
class PageAlternate:
    language: LanguageDisplay = strawberry.field(description="The language.")
    hreflang: str = strawberry.field(description="Its BCP 47 tag: `de`, `pt-br`.")
    slug: str = strawberry.field(description="Name in addresses of this language.")
    url: str = strawberry.field(description="Where the page is read in this language.")


@strawberry.type(description="Something in a page's blocks that is not shown as it was meant.")
class PageContentProblem:
    path: str = strawberry.field(description="Where: `blocks[3].data.file.url`.")
    message: str = strawberry.field(description="What is wrong, in English.")


@strawberry.type(description="Something that keeps a page from being published, or that was let pass.")
class PageDutyFinding:
    duty: Duty = strawberry.field(description="What the page lacks, or says too much of.")
    message: str = strawberry.field(description="The same in English.")
    field: str = strawberry.field(description="The input field that it is about.")
    path: str | None = strawberry.field(description="Within the content: `blocks[3].data.text`.")
    language: LanguageDisplay | None = strawberry.field(
        description="The translation that it is about; null: the page itself."
    )


def duty_finding(found: Finding) -> PageDutyFinding:
    """The finding, as the API tells it."""
    return PageDutyFinding(
        duty=found.duty,
        message=found.message,
        field=found.field,
        path=found.path or None,
        language=displayed(found.language),
    )


def displayed(tag: str | None) -> LanguageDisplay | None:
    """The language of a translation's tag."""
    return None if tag is None else LanguageDisplay(code=LanguageCodeEnum(tag))


@strawberry.type(description="A value of an attribute that a page cannot have again, since what it says is gone.")
class PageLostValue:
    attribute: str = strawberry.field(description="The attribute's name, as it was.")
    value: str = strawberry.field(description="What it said to people.")


def lost_values(lost: Sequence[Lost]) -> list[PageLostValue]:
    """The values, as the API tells them."""
    return [PageLostValue(attribute=each.attribute, value=each.value) for each in lost]


@strawberry.type(description="What a page said of one attribute.")
class PageRevisionAttribute:
    name: str = strawberry.field(description="The attribute's name then.")
    values: list[str] = strawberry.field(description="What its values said to people, in order.")


@strawberry.type(description="A page as it was after a write.")
class PageRevision:
    pk: strawberry.Private[int]
    page_id: strawberry.Private[int]
    number: int = strawberry.field(description="1, 2, 3 … within the page.")
    created_at: datetime = strawberry.field(description="When it was written.")
    user_email: str | None = strawberry.field(
        description="Who wrote it; null for an import, a shop file, and somebody who is gone."
    )
    slug: str = strawberry.field(description="Its name in addresses then.")
    is_published: bool = strawberry.field(description="Whether it was published then.")
    title: str = strawberry.field(description="Its title then.")
    findings: strawberry.Private[list[Any]]
    override_reason: str | None = strawberry.field(
        description="Why it was published though the policy of its type found something."
    )

    @computed(description="Global ID, for `pageRevisionRestore`.")
    def id(self) -> strawberry.ID:
        return global_id("PageRevision", self.pk)

    @computed(description="What the policy of its type found and the override let pass.")
    def passed_findings(self) -> list[PageDutyFinding]:
        return [duty_finding(Finding(**told | {"duty": Duty[told["duty"]]})) for told in self.findings]

    @batch_field(description="Its EditorJS blocks, all kinds of them.")
    @staticmethod
    async def content_blocks(parents: list["PageRevision"], context: Context) -> list[JSON | None]:
        contents = await _contents(context, parents)
        return [blocks_of(context, contents[each.pk]) for each in parents]

    @batch_field(description="Its blocks as HTML that is safe to show.")
    @staticmethod
    async def content_html(parents: list["PageRevision"], context: Context) -> list[str | None]:
        contents = await _contents(context, parents)
        return await html_of(context, [contents[each.pk] for each in parents])

    @batch_field(
        description="What its attributes said, in the order of their names; null: that was not kept then, and "
        "restoring it leaves them as they are."
    )
    @staticmethod
    async def attributes(parents: list["PageRevision"], context: Context) -> list[list[PageRevisionAttribute] | None]:
        rows = await context.rows(queries.REVISION_ATTRIBUTES, ids=sorted({each.pk for each in parents}))
        found = {row["pk"]: row["attributes"] for row in rows}
        return [None if found[each.pk] is None else _said(found[each.pk]) for each in parents]


def _said(attributes: Mapping[str, Any]) -> list[PageRevisionAttribute]:
    said = [
        PageRevisionAttribute(name=each["name"], values=[value["name"] for value in each["values"]])
        for each in attributes.values()
    ]
    return sorted(said, key=lambda each: each.name)


async def _contents(context: Context, revisions: list[PageRevision]) -> dict[int, Any]:
    rows = await context.rows(queries.REVISION_CONTENTS, ids=sorted({each.pk for each in revisions}))
    return {row["pk"]: row["content"] for row in rows}
