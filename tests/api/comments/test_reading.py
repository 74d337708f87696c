"""Comments below pages: threads, what each caller sees, and how many statements it takes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type
from sqlalchemy.ext.asyncio import AsyncSession

from shop.api.core.schema import make_schema
from shop.comments.models import Comment
from shop.content.models import Page
from shop.kit import clock, ids
from shop.kit.resources import graphql_folder
from shop.storefront.documents import Documents
from tests import factories as make
from tests.api.client import Api, Reply

ARTICLE = {"slug": "article"}
THREADS = """
query ($first: Int, $last: Int, $after: String, $before: String, $sort: CommentSort! = OLDEST_FIRST) {
  page(slug: "hair") {
    commentsCount commentsOpen
    comments(first: $first, last: $last, after: $after, before: $before, sort: $sort) {
      totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
      edges { node { ...C thread { ...C } } }
    }
  }
}
fragment C on Comment { id depth status authorName bodyHtml }
"""
EVERYTHING = """
{
  page(slug: "hair") {
    comments(first: 100) { edges { node { ...All replies { ...All parent { id authorName } } thread { ...All } } } }
  }
  latestComments { ...All }
}
fragment All on Comment {
  id anchor depth status authorName authorWebsite avatar { initials shade } bodyHtml createdAt isStaff
  page { slug title }
}
"""


async def article(session: AsyncSession, **changes: Any) -> Page:
    """A page that takes comments."""
    kind = await make.page_type(session, slug="article")
    values: dict[str, Any] = {"published_at": clock.now() - timedelta(days=1), **changes}
    return await make.page(session, slug="hair", title="Hair", kind=kind, **values)


def shown(reply: Reply) -> list[tuple[int, str]]:
    """What is read from top to bottom: how far it is indented, and by whom."""
    nodes = [edge["node"] for edge in reply.data["page"]["comments"]["edges"]]
    return [(each["depth"], each["authorName"] or each["status"]) for node in nodes for each in [node, *node["thread"]]]


async def test_threads_are_read_from_top_to_bottom(api: Api) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)

    async def rows(session: AsyncSession) -> None:
        page = await article(session)

        async def say(name: str, parent: Comment | None = None, minute: int = 0, **more: Any) -> Comment:
            at = start + timedelta(minutes=minute)
            return await make.comment(session, page, parent=parent, author_name=name, created_at=at, **more)

        one = await say("one")
        two = await say("two", minute=1)
        first = await say("1st answer", one)
        await say("2nd answer", one)
        deep = await say("1.1", first)
        await say("1.1.1", deep)
        await say("waits", one, status="PENDING")
        gone = await say("", two, status="DELETED")
        await say("below what is gone", gone)
        await say("", two, status="DELETED")
        taken_down = await say("taken down", minute=2, status="REJECTED", website="https://bad.example.com")
        await say("still there", taken_down)
        await say("hidden with its parent", await say("spam", minute=3, status="SPAM"), status="SPAM")

    await api.database.run(rows)
    reply = await api(THREADS, {"first": 10})
    assert shown(reply) == [
        (0, "one"),
        (1, "1st answer"),
        (2, "1.1"),
        (3, "1.1.1"),
        (1, "2nd answer"),
        (0, "two"),
        (1, "DELETED"),
        (2, "below what is gone"),
        (0, "DELETED"),
        (1, "still there"),
    ]
    page = reply.data["page"]
    assert (page["commentsCount"], page["commentsOpen"], page["comments"]["totalCount"]) == (8, True, 3)
    assert "bad.example.com" not in str(reply.body)
    newest = await api(THREADS, {"first": 1, "sort": "NEWEST_FIRST"})
    assert shown(newest) == [(0, "DELETED"), (1, "still there")]
    info = newest.data["page"]["comments"]["pageInfo"]
    following = await api(THREADS, {"first": 1, "sort": "NEWEST_FIRST", "after": info["endCursor"]})
    assert shown(following)[0] == (0, "two")
    last = await api(THREADS, {"last": 1})
    assert shown(last) == [(0, "DELETED"), (1, "still there")]
    assert last.data["page"]["comments"]["pageInfo"]["hasPreviousPage"]


@pytest.mark.parametrize(
    ("permissions", "seen"),
    [
        (None, []),
        ((), []),
        (("MANAGE_PRODUCTS",), []),
        (("MANAGE_COMMENTS",), [(0, "waits"), (1, "waits too")]),
        (("MANAGE_PAGES",), [(0, "waits"), (1, "waits too")]),
    ],
)
async def test_what_waits_is_seen_by_who_moderates(
    api: Api, permissions: tuple[str, ...] | None, seen: list[tuple[int, str]]
) -> None:
    async def rows(session: AsyncSession) -> None:
        page = await article(session)
        waits = await make.comment(session, page, author_name="waits", status="PENDING")
        await make.comment(session, page, parent=waits, author_name="waits too", status="PENDING")
        await make.comment(session, page, author_name="spam", status="SPAM")

    await api.database.run(rows)
    token = None if permissions is None else await api.login("reader@example.com", *permissions)
    reply = await api(THREADS, {"first": 10}, token=token)
    assert shown(reply) == seen
    assert reply.data["page"]["commentsCount"] == 0


async def test_nothing_private_is_in_what_visitors_can_ask_for(api: Api) -> None:
    async def rows(session: AsyncSession) -> None:
        page = await article(session)
        private: dict[str, Any] = {"address": "203.0.113.0/24", "agent": "Example browser 1"}
        top = await make.comment(session, page, email="secret@example.com", website="https://example.com", **private)
        await make.comment(session, page, parent=top, email="secret@example.com", is_staff=True, **private)

    await api.database.run(rows)
    reply = await api(EVERYTHING)
    (node,) = [edge["node"] for edge in reply.data["page"]["comments"]["edges"]]
    assert node["authorWebsite"] == "https://example.com"
    assert node["avatar"] == {"initials": "ER", "shade": node["avatar"]["shade"]}
    assert node["replies"][0]["parent"] == {"id": node["id"], "authorName": "Example reader"}
    assert [each["isStaff"] for each in reply.data["latestComments"]] == [True, False]
    assert reply.data["latestComments"][0]["page"] == {"slug": "hair", "title": "Hair"}
    for word in ("secret", "203.0.113", "Example browser"):
        assert word not in str(reply.body)


def _reached(schema: GraphQLSchema, start: str) -> set[str]:
    """The object types that can be asked for from a type on."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        type_ = schema.get_type(waiting.pop())
        if not isinstance(type_, GraphQLObjectType) or type_.name in found:
            continue
        found.add(type_.name)
        waiting += [get_named_type(field.type).name for field in type_.fields.values()]
    return found


def test_the_public_schema_has_no_way_to_a_commenters_data() -> None:
    schema = make_schema()._schema
    comment = schema.get_type("Comment")
    assert isinstance(comment, GraphQLObjectType)
    assert set(comment.fields) == {
        *("id", "anchor", "depth", "status", "authorName", "authorWebsite", "avatar", "bodyHtml", "createdAt"),
        *("isStaff", "parent", "replies", "thread", "page"),
    }
    # Only the queue and its mutation lead to the type that knows more; both need a permission.
    ways = {
        f"{type_.name}.{name}"
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items()
        if get_named_type(field.type).name in {"ModeratedComment", "ModeratedCommentCountableConnection"}
    }
    assert ways == {"Query.comments", "CommentModerate.comments", "ModeratedCommentCountableEdge.node"}
    assert not _reached(schema, "Page") & {"ModeratedComment", "CommentModerate"}
    # And no type that can be asked for from a page on has a field that could tell, but those of who is asking.
    telling = ("email", "mail", "network", "address", "useragent", "agent", "ip")
    told = {
        f"{name}.{field}"
        for name in _reached(schema, "Comment") - _reached(schema, "Product")
        for field in getattr(schema.get_type(name), "fields", {})
        if field.lower() in telling
    }
    assert told == set()


async def test_two_hundred_comments_cost_the_statements_of_two(api: Api) -> None:
    async def rows(session: AsyncSession) -> Page:
        page = await article(session)
        await make.comment(session, page, parent=await make.comment(session, page))
        return page

    page = await api.database.run(rows)
    document = Documents(graphql_folder())["PageComments"].text
    few = [await api(EVERYTHING), await api(document, {"slug": "hair", "first": 100})]

    async def many(session: AsyncSession) -> None:
        above: list[Comment | None] = [None] * 40
        for level in range(5):
            made = [
                Comment(
                    page_id=page.id,
                    path=[*one.path, one.id] if one else [],
                    status="APPROVED",
                    author_name="Example reader",
                    body=f"Level {level}",
                )
                for one in above
            ]
            session.add_all(made)
            await session.flush()
            above = [*made]

    await api.database.run(many)
    all_of_them = [await api(EVERYTHING), await api(document, {"slug": "hair", "first": 100})]
    for reply in all_of_them:
        threads = reply.data["page"]["comments"]["edges"]
        assert (len(threads), sum(len(edge["node"]["thread"]) for edge in threads)) == (41, 161)
    assert [reply.statements for reply in all_of_them] == [reply.statements for reply in few]
    # The page, how many, whether it is open, the threads, and all that is below them.
    assert few[1].statements == 5


QUEUE = """
query ($filter: CommentFilterInput, $first: Int = 20, $sort: CommentSortingInput) {
  comments(first: $first, filter: $filter, sortBy: $sort) {
    totalCount
    edges { node {
      id status authorName email network userAgent reasons bodyHtml moderatedAt createdAt
      page { slug } user { email } moderatedBy { email } parent { authorName }
    } }
  }
}
"""


async def _queue(api: Api) -> dict[str, str]:
    async def rows(session: AsyncSession) -> dict[str, str]:
        page = await article(session)
        other = await make.page(session, slug="other")
        start = datetime(2026, 1, 1, tzinfo=UTC)
        waits = await make.comment(
            session,
            page,
            author_name="Waits",
            email="one@example.com",
            status="PENDING",
            created_at=start,
            body="About zinc",
            address="203.0.113.0/24",
            agent="Example browser",
        )
        spam = await make.comment(
            session, other, author_name="Spam", status="SPAM", created_at=start + timedelta(days=1)
        )
        return {
            "page": ids.encode("Page", page.id),
            "waits": ids.encode("Comment", waits.id),
            "spam": ids.encode("Comment", spam.id),
        }

    return await api.database.run(rows)


async def test_the_queue_is_filtered_and_sorted(api: Api) -> None:
    things = await _queue(api)
    token = await api.login("moderator@example.com", "MANAGE_COMMENTS")
    for variables, expected in (
        ({}, ["Spam", "Waits"]),
        ({"sort": {"direction": "ASC"}}, ["Waits", "Spam"]),
        ({"filter": {"status": ["PENDING"]}}, ["Waits"]),
        ({"filter": {"status": ["SPAM", "PENDING"]}}, ["Spam", "Waits"]),
        ({"filter": {"pages": [things["page"]]}}, ["Waits"]),
        ({"filter": {"ids": [things["spam"]]}}, ["Spam"]),
        ({"filter": {"ids": []}}, []),
        ({"filter": {"search": "ZINC"}}, ["Waits"]),
        ({"filter": {"search": "one@"}}, ["Waits"]),
        ({"filter": {"search": "%"}}, []),
        ({"filter": {"createdAt": {"gte": "2026-01-01T12:00:00Z"}}}, ["Spam"]),
        ({"filter": {"createdAt": {"lte": "2026-01-01T12:00:00Z"}}}, ["Waits"]),
    ):
        found = (await api(QUEUE, variables, token=token)).data["comments"]
        assert [edge["node"]["authorName"] for edge in found["edges"]] == expected, variables
        assert found["totalCount"] == len(expected)


async def test_the_queue_shows_what_moderators_need(api: Api) -> None:
    things = await _queue(api)
    token = await api.login("moderator@example.com", "MANAGE_PAGES")
    reply = await api(QUEUE, {"filter": {"ids": [things["waits"]]}}, token=token)
    (edge,) = reply.data["comments"]["edges"]
    assert edge["node"] == {
        "id": things["waits"],
        "status": "PENDING",
        "authorName": "Waits",
        "email": "one@example.com",
        "network": "203.0.113.0/24",
        "userAgent": "Example browser",
        "reasons": [],
        "bodyHtml": "<p>About zinc</p>",
        "moderatedAt": None,
        "createdAt": "2026-01-01T00:00:00+00:00",
        "page": {"slug": "hair"},
        "user": None,
        "moderatedBy": None,
        "parent": None,
    }
    both = await api(QUEUE, {}, token=token)
    assert len(both.data["comments"]["edges"]) == 2
    assert both.statements == reply.statements


@pytest.mark.parametrize("permissions", [None, (), ("MANAGE_PRODUCTS", "MANAGE_MENUS")])
async def test_nobody_else_sees_the_queue(api: Api, permissions: tuple[str, ...] | None) -> None:
    await _queue(api)
    token = None if permissions is None else await api.login("somebody@example.com", *permissions)
    reply = await api(QUEUE, token=token)
    assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    assert reply.partial == {"comments": None}
    assert "one@example.com" not in str(reply.body)


LATEST = "query ($first: Int! = 20, $page: String) { latestComments(first: $first, page: $page) { authorName } }"


async def test_the_latest_of_all_pages_and_of_one(api: Api) -> None:
    async def rows(session: AsyncSession) -> None:
        page = await article(session)
        draft = await make.page(session, slug="draft", is_published=False)
        start = datetime(2026, 1, 1, tzinfo=UTC)
        for day, (where, name, status) in enumerate(
            [
                (page, "old", "APPROVED"),
                (await make.page(session, slug="other"), "elsewhere", "APPROVED"),
                (page, "new", "APPROVED"),
                (page, "waits", "PENDING"),
                (draft, "on a draft", "APPROVED"),
            ]
        ):
            await make.comment(session, where, author_name=name, status=status, created_at=start + timedelta(days=day))

    await api.database.run(rows)

    async def names(**variables: Any) -> list[str]:
        return [each["authorName"] for each in (await api(LATEST, variables)).data["latestComments"]]

    assert await names() == ["new", "elsewhere", "old"]
    assert await names(page="hair") == ["new", "old"]
    assert await names(first=1) == ["new"]
    assert await names(page="draft") == []
    refused = await api(LATEST, {"first": 101})
    assert [error["message"] for error in refused.errors] == ["`first` is at most 100."]


@pytest.mark.parametrize(
    ("slug", "metadata", "days", "is_open"),
    [
        ("article", {}, 1, True),
        ("medical-article", {}, 1, True),
        ("information", {}, 1, False),
        ("information", {"comments": "open"}, 1, True),
        ("article", {"comments": "closed"}, 1, False),
        ("article", {}, 366, False),
        ("article", {"comments": "open"}, 366, True),
        ("article", {"comments": "perhaps"}, 1, True),
    ],
)
async def test_whether_comments_are_open(
    api: Api, slug: str, metadata: dict[str, str], days: int, is_open: bool
) -> None:
    async def rows(session: AsyncSession) -> None:
        kind = await make.page_type(session, slug=slug)
        at = clock.now() - timedelta(days=days)
        await make.page(session, slug="hair", kind=kind, published_at=at, metadata=metadata)

    await api.database.run(rows)
    page = (await api('{ page(slug: "hair") { commentsOpen commentForm { token until } } }')).data["page"]
    assert page["commentsOpen"] is is_open
    assert (page["commentForm"] is not None) is is_open
