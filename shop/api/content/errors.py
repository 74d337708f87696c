"""The expected errors of mutations about pages and page types, and what all of their payloads share."""

from enum import Enum

import strawberry

from shop.api.content.page_types import PageType, page_types_by_id
from shop.api.content.pages import Page, pages_by_id
from shop.api.content.parts import displayed
from shop.api.core.context import Context
from shop.api.core.fields import computed
from shop.api.core.languages import LanguageDisplay
from shop.api.core.payloads import DomainError, Payload
from shop.content.rules.policy import Duty
from shop.execution import batch_field


@strawberry.enum(description="What went wrong with a page or a page type.")
class PageErrorCode(Enum):
    GRAPHQL_ERROR = "graphql_error"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    REQUIRED = "required"
    UNIQUE = "unique"
    DUPLICATED_INPUT_ITEM = "duplicated_input_item"
    ATTRIBUTE_ALREADY_ASSIGNED = "attribute_already_assigned"
    DRAFT_OUTDATED = "draft_outdated"


@strawberry.type(description="An expected error of a mutation of pages.")
class PageError(DomainError):
    code: PageErrorCode = strawberry.field(description="What went wrong, for programs.")
    attributes: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attributes that it is about."
    )
    values: list[strawberry.ID] | None = strawberry.field(
        default=None, description="IDs of the attribute values that it is about."
    )
    duty: Duty | None = strawberry.field(
        default=None, description="What the policy of the page's type misses; pass `overrideReason` to publish anyway."
    )
    path: str | None = strawberry.field(
        default=None, description="Where in the content, for a duty: `blocks[3].data.text`."
    )
    language_tag: strawberry.Private[str | None] = None

    @computed(description="The translation that misses it, for a duty; null: the page itself.")
    def language(self) -> LanguageDisplay | None:
        return displayed(self.language_tag)


@strawberry.type
class PagePayload(Payload):
    """A payload of page mutations."""

    errors: list[PageError] = strawberry.field(default_factory=list, description="Expected errors.")

    @computed(description="Expected errors.", deprecation_reason="Use `errors`.")
    def page_errors(self) -> list[PageError]:
        return self.errors


@strawberry.type
class WrittenPage(PagePayload):
    """A payload that shows the page as it was stored."""

    page_key: strawberry.Private[int | None] = None

    @batch_field(description="The page as it is now; null where there are errors.")
    @staticmethod
    async def page(parents: list["WrittenPage"], context: Context) -> list[Page | None]:
        found = await pages_by_id(context, [each.page_key for each in parents])
        return [None if each.page_key is None else found.get(each.page_key) for each in parents]


@strawberry.type
class WrittenPageType(PagePayload):
    """A payload that shows the page type as it was stored."""

    page_type_key: strawberry.Private[int | None] = None

    @batch_field(description="The page type as it is now; null where there are errors.")
    @staticmethod
    async def page_type(parents: list["WrittenPageType"], context: Context) -> list[PageType | None]:
        found = await page_types_by_id(context, {each.page_type_key for each in parents if each.page_type_key})
        return [None if each.page_type_key is None else found.get(each.page_type_key) for each in parents]


@strawberry.type
class CountedPages(PagePayload):
    """A payload that says how many things were changed."""

    count: int = strawberry.field(default=0, description="How many there were.")
