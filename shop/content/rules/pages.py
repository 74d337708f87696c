"""What a page may say of itself, and when visitors may read it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, TypedDict

from shop.content.rules.document import problems, sanitised
from shop.kit.errors import Invalid, Many, ShopError
from shop.kit.slugs import is_slug


class PageFields(TypedDict, total=False):
    """What is written of a page; what is left out stays as it is."""

    title: str | None
    # Empty: made of the title.
    slug: str | None
    content: Mapping[str, Any] | None
    seo_title: str | None
    seo_description: str | None
    is_published: bool
    published_at: datetime | None
    unpublished_at: datetime | None
    author_name: str | None
    author_is_organization: bool
    reviewer_name: str | None
    reviewer_credentials: str | None
    last_reviewed: date | None
    review_due: date | None
    review_note: str | None
    regulatory_status: str | None
    conflict_of_interest: str | None


# What a restored revision brings back: not where the page is found, nor whether.
RESTORED: Final = (
    "title",
    "content",
    "seo_title",
    "seo_description",
    "author_name",
    "author_is_organization",
    "reviewer_name",
    "reviewer_credentials",
    "last_reviewed",
    "review_due",
    "review_note",
    "regulatory_status",
    "conflict_of_interest",
)
_DATES: Final = ("last_reviewed", "review_due")
# Saleor's limits for the first three. Column: input field, and how long.
_LONGEST: Final = {
    "title": ("title", 250),
    "seo_title": ("seo", 70),
    "seo_description": ("seo", 300),
    "author_name": ("authorName", 250),
    "reviewer_name": ("reviewerName", 250),
    "reviewer_credentials": ("reviewerCredentials", 500),
    "review_note": ("reviewNote", 500),
    "regulatory_status": ("regulatoryStatus", 1000),
    "conflict_of_interest": ("conflictOfInterest", 1000),
}


def is_visible(
    *, is_published: bool, published_at: datetime | None, unpublished_at: datetime | None, now: datetime
) -> bool:
    """Whether visitors may read a page: it is published, its time has come, and is not over."""
    return (
        is_published
        and (published_at is None or published_at <= now)
        and (unpublished_at is None or unpublished_at > now)
    )


def checked(fields: PageFields, *, needs_title: bool = True) -> dict[str, Any]:
    """The fields as they may be stored: texts trimmed, the content sanitised. Raises: Many."""
    found: dict[str, Any] = {}
    errors: list[ShopError] = []
    for name, value in fields.items():
        if name == "content":
            errors += [Invalid(each.message, field="content") for each in _misshapen(value)]
            found[name] = sanitised(value) if isinstance(value, Mapping) else None
        elif isinstance(value, str) and name != "slug":
            text = value.strip()
            field, longest = _LONGEST[name]
            if len(text) > longest:
                errors.append(Invalid(f"At most {longest} characters fit here.", field=field))
            found[name] = text or None
        else:
            found[name] = value
    if needs_title and "title" in found and not found["title"]:
        errors.append(Invalid("A page needs a title.", field="title", code="REQUIRED"))
    if found.get("slug") and not is_slug(found["slug"]):
        errors.append(Invalid("A slug is made of small letters, digits and single hyphens.", field="slug"))
    if errors:
        raise Many(errors)
    return found


def check_whole(page: Mapping[str, Any]) -> None:
    """What a page says of itself fits together. Raises: Invalid."""
    if page["reviewer_credentials"] and not page["reviewer_name"]:
        raise Invalid("Credentials are a reviewer's: name one.", field="reviewerName", code="REQUIRED")
    if page["last_reviewed"] and page["review_due"] and page["review_due"] <= page["last_reviewed"]:
        raise Invalid("The next review comes after the last one.", field="reviewDue")
    if page["published_at"] and page["unpublished_at"] and page["unpublished_at"] <= page["published_at"]:
        raise Invalid("A page is taken back after it was published.", field="unpublishedAt")


def restorable(fields: Mapping[str, Any]) -> PageFields:
    """What of a revision's stored fields comes back."""
    return stored({name: fields.get(name) for name in RESTORED})


def stored(fields: Mapping[str, Any]) -> PageFields:
    """The fields as they were before they were stored as JSON."""
    found: dict[str, Any] = dict(fields)
    found |= {name: date.fromisoformat(found[name]) for name in _DATES if found.get(name)}
    made: PageFields = {}
    made.update(found)  # type: ignore[typeddict-item]
    return made


def storable(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as JSON has them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}


def changed_since(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What a page says otherwise than in an earlier revision, both as JSON has it."""
    return [name for name in RESTORED if before.get(name) != now.get(name)]


def _misshapen(content: Any) -> list[Any]:
    """What is no document at all; a block that cannot be shown is stored, and reported to who asks."""
    return [] if content is None else [each for each in problems(content) if each.path in ("", "blocks")]
