"""Pages in other languages: what translators read and write. It needs MANAGE_TRANSLATIONS."""

from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from shop.api.content.page_languages import PageTranslation, page_translations
from shop.api.content.pages import Page, pages_by_id
from shop.api.core.context import Context, Info
from shop.api.core.fields import computed
from shop.api.core.ids import global_id, required_int
from shop.api.core.languages import LanguageCodeEnum
from shop.api.core.mutation import mutation
from shop.api.core.payloads import DomainError, Payload
from shop.api.core.scalars import JSON, JSONString
from shop.content.actions.duties import Writer
from shop.content.actions.translating import translate
from shop.content.rules.pages import PageFields
from shop.content.rules.pictures import without_host
from shop.content.rules.policy import Duty
from shop.execution import batch_field
from shop.kit import ids
from shop.kit.errors import Invalid

_WRITERS: Final = ("MANAGE_TRANSLATIONS",)


@strawberry.enum(description="What went wrong with a translation.")
class TranslationErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"


@strawberry.type(description="An expected error of a translation.")
class TranslationError(DomainError):
    code: TranslationErrorCode = strawberry.field(description="What went wrong, for programs.")
    duty: Duty | None = strawberry.field(
        default=None,
        description="What the policy of the page's type misses in this language; `overrideReason` lets it pass.",
    )
    path: str | None = strawberry.field(
        default=None, description="Where in the content, for a duty: `blocks[3].data.text`."
    )


@strawberry.input(description="What a page says in a language. What is left out stays; null: not translated.")
class PageTranslationInput:
    slug: str | None = strawberry.field(
        default=strawberry.UNSET, description="Name in addresses of this language; with one the page has an address."
    )
    seo_title: str | None = strawberry.field(default=strawberry.UNSET, description="Title for search engines.")
    seo_description: str | None = strawberry.field(
        default=strawberry.UNSET, description="Description for search engines."
    )
    title: str | None = strawberry.field(default=strawberry.UNSET, description="Title.")
    content: JSONString | None = strawberry.field(
        default=strawberry.UNSET, description="EditorJS blocks, as a JSON text: instead of `contentBlocks`."
    )
    content_blocks: JSON | None = strawberry.field(
        default=strawberry.UNSET, description="EditorJS blocks of all kinds."
    )
    override_reason: str | None = strawberry.field(
        default=None,
        description="Why it is shown though the policy of the page's type finds something; kept with the revisions.",
    )


@strawberry.type(description="A page as translators see it: its own texts, and those in other languages.")
class PageTranslatableContent:
    shown: strawberry.Private[Page]

    @computed(description="Global ID.")
    def id(self) -> strawberry.ID:
        return global_id("PageTranslatableContent", self.shown.pk)

    @computed(description="The page's ID.")
    def page_id(self) -> strawberry.ID:
        return global_id("Page", self.shown.pk)

    @computed(description="Title for search engines.")
    def seo_title(self) -> str | None:
        return self.shown.seo_title

    @computed(description="Description for search engines.")
    def seo_description(self) -> str | None:
        return self.shown.seo_description

    @computed(description="Name in addresses.")
    def slug(self) -> str | None:
        return self.shown.slug

    @computed(description="Title.")
    def title(self) -> str:
        return self.shown.title

    @computed(description="EditorJS blocks of all kinds, as a JSON text.")
    def content(self) -> JSONString | None:
        return None if self.shown.blocks is None else JSONString(self.shown.blocks)

    @computed(description="EditorJS blocks, as a JSON text.", deprecation_reason="Use the `content` field instead.")
    def content_json(self) -> JSONString | None:
        return JSONString(self.shown.blocks or {})

    @computed(description="The page itself.", deprecation_reason="Use `pageId`.")
    def page(self) -> Page | None:
        return self.shown

    @batch_field(description="The page in another language, or null where it is not translated.")
    @staticmethod
    async def translation(
        parents: list["PageTranslatableContent"], context: Context, language_code: LanguageCodeEnum
    ) -> list[PageTranslation | None]:
        return await page_translations(context, [each.shown.pk for each in parents], language_code)


@strawberry.type(description="A page in another language, as it was stored.")
class PageTranslate(Payload):
    page_key: strawberry.Private[int | None] = None
    errors: list[TranslationError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def translation_errors(self) -> list[TranslationError]:
        return self.errors

    @batch_field(description="The page and its translations; null where there are errors.")
    @staticmethod
    async def page(parents: list["PageTranslate"], context: Context) -> list[PageTranslatableContent | None]:
        return await translatable(context, [each.page_key for each in parents])


async def translatable(context: Context, ids: Sequence[int | None]) -> list[PageTranslatableContent | None]:
    """The pages as translators see them, in the order of their keys. One statement at most."""
    found = await pages_by_id(context, ids)
    return [PageTranslatableContent(shown=found[key]) if key in found else None for key in ids]


@strawberry.type
class PageTranslationMutations:
    """Mutations of pages in other languages."""

    @mutation(
        description="Says what a page says in a language. A former slug of that language leads to it; of a published "
        "page the texts meet the policy of its type. Needs MANAGE_TRANSLATIONS.",
        permissions=_WRITERS,
    )
    async def page_translate(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="ID of the page or its translatable content.")],
        input: Annotated[PageTranslationInput, strawberry.argument(description="The texts.")],
        language_code: Annotated[LanguageCodeEnum, strawberry.argument(description="The language.")],
    ) -> PageTranslate | None:
        kind = "PageTranslatableContent" if ids.type_of(id) == "PageTranslatableContent" else "Page"
        key = required_int(id, kind, field="id")
        writer = Writer(info.context.caller.user_id, input.override_reason)
        await translate(
            info.context.session, key, language_code.value, _fields(input, info.context.base_url), writer=writer
        )
        return PageTranslate(page_key=key)


def _fields(given: PageTranslationInput, base_url: str) -> PageFields:
    """What the input says; pictures below `base_url` are the shop's own. Raises: Invalid."""
    if given.content is not strawberry.UNSET and given.content_blocks is not strawberry.UNSET:
        raise Invalid("Pass one of `content` and `contentBlocks`.", field="contentBlocks")
    content = given.content if given.content is not strawberry.UNSET else given.content_blocks
    found: dict[str, Any] = {
        "slug": given.slug,
        "title": given.title,
        "seo_title": given.seo_title,
        "seo_description": given.seo_description,
        "content": without_host(content, base_url),
    }
    fields: PageFields = {}
    fields.update({name: value for name, value in found.items() if value is not strawberry.UNSET})  # type: ignore[typeddict-item]
    return fields
