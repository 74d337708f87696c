"""Pages. `content` is Saleor's EditorJS JSON in the blocks that every renderer knows; `contentBlocks` is all of it, and
`contentHtml` the same, rendered and safe to show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import strawberry

from shop.api.attributes.owners import PAGES, Described, Has, ObjectWithAttributes, attributes_of, selected
from shop.api.attributes.types import AttributeValue, SelectedAttribute
from shop.api.comments.commented import Commented
from shop.api.content.html import blocks_of, html_of, lowered_of
from shop.api.content.page_languages import PageTranslation, page_translations
from shop.api.content.page_types import PageType, page_types_by_id
from shop.api.content.parts import (
    OpenGraph,
    PageAlternate,
    PageAuthor,
    PageContentProblem,
    PageDutyFinding,
    PageHeading,
    PageReviewer,
    PageRevision,
    duty_finding,
)
from shop.api.core.connections import CountableConnection, CountableEdge
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.ids import global_id
from shop.api.core.languages import LanguageCodeEnum, LanguageDisplay
from shop.api.core.metadata import ObjectWithMetadata
from shop.api.core.permissions import staff_with
from shop.api.core.scalars import JSON, JSONString, PositiveInt
from shop.content import queries, rules
from shop.content.rules.pages import is_visible
from shop.content.rules.policy import Article, Finding, ReviewStatus, findings, review_status, translation_findings
from shop.content.rules.structured import Profile, first_image, is_article, json_ld, summary
from shop.execution import batch_field
from shop.site.queries import SETTINGS
from shop.translations.queries import SLUGS, TRANSLATIONS_OF_ROWS

if TYPE_CHECKING:
    from shop.api.content.page_drafts import PageDraft

WRITERS: Final = ("MANAGE_PAGES",)
_FEW_REVISIONS: Final = PositiveInt(20)
_MOST_REVISIONS: Final = 100


@strawberry.type(description="A page: an article, the terms, whatever is to be read.")
class Page(ObjectWithMetadata, ObjectWithAttributes, Commented):
    metadata_permissions: ClassVar[tuple[str, ...]] = ("MANAGE_PAGES",)
    described: ClassVar[Described] = PAGES

    pk: strawberry.Private[int]
    page_type_id: strawberry.Private[int]
    title: str = strawberry.field(description="Title; the only first-level heading of the page.")
    slug: str = strawberry.field(description="Name in addresses.")
    blocks: strawberry.Private[dict[str, Any] | None]
    seo_title: str | None = strawberry.field(description="Title for search engines.")
    seo_description: str | None = strawberry.field(description="Description for search engines.")
    is_published: bool = strawberry.field(description="Whether visitors may read it, once `publishedAt` has come.")
    published_at: datetime | None = strawberry.field(description="From when visitors may read it.")
    unpublished_at: datetime | None = strawberry.field(
        description="From when visitors may not read it any more; null: they always may."
    )
    created: datetime = strawberry.field(description="When it was first written.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    author_name: strawberry.Private[str | None]
    author_is_organization: strawberry.Private[bool]
    reviewer_name: strawberry.Private[str | None]
    reviewer_credentials: strawberry.Private[str | None]
    last_reviewed: date | None = strawberry.field(description="When somebody last checked what it says.")
    review_due: date | None = strawberry.field(description="When it is to be checked again.")
    review_note: str | None = strawberry.field(
        description="What stands beside the badge of its review: why nobody checked it, say."
    )
    regulatory_status: str | None = strawberry.field(
        description="Whether what it writes about is approved, and where, or investigational."
    )
    conflict_of_interest: str | None = strawberry.field(description="What this site earns by what it writes about.")
    policy: strawberry.Private[str | None]
    # The values that a draft has instead, by the keys of their attributes.
    aside: strawberry.Private[Mapping[int, list[AttributeValue]] | None] = None

    def as_it_says(self, has: Has) -> Has:
        """A draft's values stand for those of the page, which give them their attribute."""
        if self.aside is None:
            return has
        said: Has = []
        for attribute, values in has:
            for value in (found := self.aside.get(attribute.pk, values)):
                value.attribute = attribute
            said.append((attribute, found))
        return said

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("Page", self.pk)

    @batch_field(
        description="EditorJS blocks, as a JSON text: those alone that every renderer knows. A disclaimer is a quote "
        "in it, references are a list. `contentBlocks` has them as they are."
    )
    @staticmethod
    async def content(parents: list["Page"], context: Context) -> list[JSONString | None]:
        return await lowered_of(context, [each.blocks for each in parents])

    @batch_field(description="EditorJS blocks, as a JSON text.", deprecation_reason="Use the `content` field instead.")
    @staticmethod
    async def content_json(parents: list["Page"], context: Context) -> list[JSONString]:
        found = await lowered_of(context, [each.blocks for each in parents])
        return [JSONString({}) if each is None else each for each in found]

    @batch_field(
        description="EditorJS blocks of all kinds, also this shop's own: product, booking, disclaimer, references. "
        "What staff write, and what a storefront reads that renders them itself."
    )
    @staticmethod
    async def content_blocks(parents: list["Page"], context: Context) -> list[JSON | None]:
        return [blocks_of(context, each.blocks) for each in parents]

    @batch_field(
        description="The blocks as HTML that is safe to show: headings with anchors, embeds as links that load nothing."
    )
    @staticmethod
    async def content_html(parents: list["Page"], context: Context) -> list[str | None]:
        return await html_of(context, [each.blocks for each in parents])

    @computed(description="All its text, a line a block, without markup.")
    def plain_text(self) -> str | None:
        return None if self.blocks is None else rules.plain_text(self.blocks)

    @computed(description="Its headings in order, for a table of contents.")
    def toc(self) -> list[PageHeading]:
        return [PageHeading(**asdict(heading)) for heading in rules.toc(self.blocks)]

    @computed(description="How long a grown-up reads it, in whole minutes.")
    def reading_time_minutes(self) -> int:
        return rules.reading_time_minutes(self.blocks)

    @batch_field(description="The one address under which it is to be found, in the shop's own language.")
    @staticmethod
    async def canonical_url(parents: list["Page"], context: Context) -> list[str]:
        return [_url(context, each.slug) for each in parents]

    @batch_field(
        description=r"What it tells search engines, by schema.org. Within a script element write its `<` as `\u003c`."
    )
    @staticmethod
    async def json_ld(parents: list["Page"], context: Context) -> list[JSON]:
        shop = await _shop_name(context)
        kinds = await page_types_by_id(context, {each.page_type_id for each in parents})
        return [JSON(json_ld(_profile(context, each, shop, kinds[each.page_type_id].slug))) for each in parents]

    @batch_field(description="How it looks where a link to it is shared.")
    @staticmethod
    async def open_graph(parents: list["Page"], context: Context) -> list[OpenGraph]:
        shop = await _shop_name(context)
        kinds = await page_types_by_id(context, {each.page_type_id for each in parents})
        return [_open_graph(_profile(context, each, shop, kinds[each.page_type_id].slug)) for each in parents]

    @computed(description="Who wrote it.")
    def author(self) -> PageAuthor | None:
        if self.author_name is None:
            return None
        return PageAuthor(name=self.author_name, is_organization=self.author_is_organization)

    @computed(description="Who checked what it says; null where nobody did.")
    def reviewed_by(self) -> PageReviewer | None:
        if self.reviewer_name is None:
            return None
        return PageReviewer(name=self.reviewer_name, credentials=self.reviewer_credentials)

    @batch_field(description="Whether somebody checked it, and that still holds; null where nobody needs to.")
    @staticmethod
    async def review_status(parents: list["Page"], context: Context) -> list[ReviewStatus | None]:
        today = context.now.date()
        return [
            review_status(each.policy, each.reviewer_name, each.last_reviewed, each.review_due, today)
            for each in parents
        ]

    @batch_field(description="The languages in which it has an address of its own, beside the shop's.")
    @staticmethod
    async def alternates(parents: list["Page"], context: Context) -> list[list[PageAlternate]]:
        rows = await context.rows(SLUGS, kind="page", ids=sorted({each.pk for each in parents}))
        found: dict[int, list[PageAlternate]] = {each.pk: [] for each in parents}
        for row in rows:
            url = f"{context.base_url}/{row['language']}/pages/{row['slug']}"
            language = LanguageDisplay(code=LanguageCodeEnum(row["language"]))
            found[row["row_id"]].append(
                PageAlternate(language=language, hreflang=row["language"], slug=row["slug"], url=url)
            )
        return [found[each.pk] for each in parents]

    @batch_field(
        description="What in its blocks is not shown as it was meant. Needs MANAGE_PAGES.", guard=staff_with(*WRITERS)
    )
    @staticmethod
    async def content_problems(parents: list["Page"], context: Context) -> list[list[PageContentProblem] | None]:
        return [
            [PageContentProblem(**asdict(problem)) for problem in rules.problems(each.blocks)] if each.blocks else []
            for each in parents
        ]

    @batch_field(
        description="What the policy of its type finds in it, and in its translations: it keeps them from being "
        "published. Needs MANAGE_PAGES.",
        guard=staff_with(*WRITERS),
    )
    @staticmethod
    async def duty_findings(parents: list["Page"], context: Context) -> list[list[PageDutyFinding] | None]:
        today = context.now.date()
        in_translations = await _found_in_translations(context, parents)
        return [
            [
                duty_finding(each)
                for each in (*findings(page.policy, _article(page), today), *in_translations.get(page.pk, ()))
            ]
            for page in parents
        ]

    @batch_field(
        description="What it was after each write, the last one first. Needs MANAGE_PAGES.", guard=staff_with(*WRITERS)
    )
    @staticmethod
    async def revisions(
        parents: list["Page"], context: Context, first: PositiveInt = _FEW_REVISIONS
    ) -> list[list[PageRevision] | None]:
        found: dict[int, list[PageRevision]] = {each.pk: [] for each in parents}
        rows = await context.fetch(
            PageRevision, queries.REVISIONS_BY_PAGE, ids=sorted(found), first=min(first, _MOST_REVISIONS)
        )
        for revision in rows:
            found[revision.page_id].append(revision)
        return [found[each.pk] for each in parents]

    @batch_field(
        description="Changes that nobody but staff sees yet; null: there are none. Needs MANAGE_PAGES.",
        guard=staff_with(*WRITERS),
    )
    @staticmethod
    async def draft(
        parents: list["Page"], context: Context
    ) -> list[Annotated["PageDraft", strawberry.lazy("shop.api.content.page_drafts")] | None]:
        from shop.api.content.page_drafts import drafts_of

        return await drafts_of(context, parents)

    @computed(description="The day from which visitors may read it.", deprecation_reason="Use `publishedAt`.")
    def publication_date(self) -> date | None:
        return self.published_at.date() if self.published_at else None

    @batch_field(description="One of its attributes, with its values.", deprecation_reason="Use `assignedAttribute`.")
    @staticmethod
    async def attribute(parents: list["Page"], context: Context, slug: str) -> list[SelectedAttribute | None]:
        return [
            next((each for each in selected(has) if each.attribute.slug == slug), None)
            for has in await attributes_of(context, parents)
        ]

    @batch_field(
        description="Its attributes with their values, in the order of its type.",
        deprecation_reason="Use `assignedAttributes`.",
    )
    @staticmethod
    async def attributes(parents: list["Page"], context: Context) -> list[list[SelectedAttribute]]:
        return [selected(has) for has in await attributes_of(context, parents)]

    @batch_field(description="What kind of page it is.")
    @staticmethod
    async def page_type(parents: list["Page"], context: Context) -> list[PageType]:
        found = await page_types_by_id(context, {each.page_type_id for each in parents})
        return [found[page.page_type_id] for page in parents]

    @batch_field(description="The page in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["Page"], context: Context, language_code: LanguageCodeEnum
    ) -> list[PageTranslation | None]:
        return await page_translations(context, [each.pk for each in parents], language_code)


def _seen_names() -> list[str]:
    """The shop's name, once it was read."""
    return []


async def _shop_name(context: Context) -> str:
    known = context.remember(_seen_names)
    if not known:
        known.append(str((await context.rows(SETTINGS))[0]["name"]))
    return known[0]


def _url(context: Context, slug: str) -> str:
    return f"{context.base_url}/pages/{slug}"


def _article(page: Page) -> Article:
    return Article(
        title=page.title,
        content=page.blocks,
        seo_title=page.seo_title,
        seo_description=page.seo_description,
        author_name=page.author_name,
        reviewer_name=page.reviewer_name,
        reviewer_credentials=page.reviewer_credentials,
        last_reviewed=page.last_reviewed,
        review_due=page.review_due,
        regulatory_status=page.regulatory_status,
        conflict_of_interest=page.conflict_of_interest,
    )


async def _found_in_translations(context: Context, pages: list[Page]) -> dict[int, list[Finding]]:
    """What the pages' policies find in their translations. One statement, and none where no page has a policy."""
    policies = {page.pk: page.policy for page in pages if page.policy is not None}
    found: dict[int, list[Finding]] = {pk: [] for pk in policies}
    rows = await context.rows(TRANSLATIONS_OF_ROWS, kind="page", ids=sorted(policies)) if policies else []
    for row in rows:
        found[row["row_id"]] += translation_findings(policies[row["row_id"]], row["language"], row["texts"])
    return found


def _profile(context: Context, page: Page, shop_name: str, kind: str) -> Profile:
    return Profile(
        base=context.base_url,
        url=_url(context, page.slug),
        title=page.seo_title or page.title,
        description=page.seo_description or summary(rules.plain_text(page.blocks)),
        image=first_image(page.blocks, context.base_url),
        publisher=shop_name,
        is_article=is_article(kind),
        policy=page.policy,
        content=page.blocks,
        published_at=page.published_at,
        updated_at=page.updated_at,
        author_name=page.author_name,
        author_is_organization=page.author_is_organization,
        reviewer_name=page.reviewer_name,
        reviewer_credentials=page.reviewer_credentials,
        last_reviewed=page.last_reviewed,
    )


def _open_graph(page: Profile) -> OpenGraph:
    return OpenGraph(
        title=page.title,
        description=page.description,
        type="article" if page.is_article else "website",
        url=page.url,
        image=page.image or None,
        site_name=page.publisher,
        published_time=page.published_at,
        modified_time=page.updated_at,
    )


@strawberry.type(description="A page of a list of pages.")
class PageCountableEdge(CountableEdge[Page]): ...


@strawberry.type(description="A list of pages.")
class PageCountableConnection(CountableConnection[PageCountableEdge]): ...


async def pages_by_id(context: Context, ids: Sequence[int | None]) -> dict[int, Page]:
    """The pages by their keys, for who may write them."""
    wanted = sorted({pk for pk in ids if pk is not None})
    pages = await context.fetch(Page, queries.PAGES_BY_ID, ids=wanted) if wanted else []
    return {page.pk: page for page in pages}


def preview_secret(context: Context) -> str:
    """The root of the keys that sign previews."""
    assert context.settings.secret_key is not None
    return context.settings.secret_key.get_secret_value()


async def visible_pages(context: Context, ids: list[int | None]) -> dict[int, Page]:
    """The pages by their keys that the caller may read, in one statement; none for no keys."""
    return {pk: page for pk, page in (await pages_by_id(context, ids)).items() if may_read(context, page)}


def may_read(context: Context, page: Page) -> bool:
    """Whether visitors may read the page now, or the caller writes pages."""
    published, until = page.published_at, page.unpublished_at
    visible = is_visible(is_published=page.is_published, published_at=published, unpublished_at=until, now=context.now)
    return visible or context.caller.may(*WRITERS)
