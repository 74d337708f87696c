"""Comments that are made, judged, moderated and deleted; who may, and what is refused."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.comments.models import Comment
from shop.kit import ids
from tests import factories as make
from tests.api.client import Api
from tests.api.comments.scene import Scene, article, stored

MODERATE = """
mutation ($ids: [ID!]!, $decision: CommentDecision!) {
  commentModerate(ids: $ids, decision: $decision) {
    comments { id status moderatedBy { email } } errors { field code }
  }
}
"""
DELETE = "mutation ($id: ID!) { commentDelete(id: $id) { id errors { field code } } }"


@pytest.fixture
async def scene(api: Api) -> Scene:
    return await Scene.laid_out(api)


async def test_a_known_guest_is_shown_at_once(api: Api, scene: Scene) -> None:
    created = await scene.create(api, body="Thank <b>you</b>.\n\nAll of it.", website="example.com")
    assert created["errors"] == []
    assert created["status"] == "APPROVED"
    comment = created["comment"]
    assert comment | {"id": None} == {
        "id": None,
        "authorName": "Example reader A",
        "bodyHtml": "<p>Thank <b>you</b>.</p><p>All of it.</p>",
        "depth": 0,
        "isStaff": False,
        "parent": None,
    }
    row = await stored(api, comment["id"])
    assert (row.email, row.website, row.address, row.agent, row.reasons) == (
        "reader@example.com",
        "https://example.com",
        "127.0.0.0/24",
        "Example browser 1",
        [],
    )
    answer = await scene.create(api, parent=comment["id"], body="And another thing.")
    assert (answer["comment"]["depth"], answer["comment"]["parent"]) == (1, {"id": comment["id"]})


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"formToken": None}, ["NO_FORM"]),
        ({"formToken": "none of ours"}, ["OLD_FORM"]),
        ({"formToken": "@other page"}, ["OLD_FORM"]),
        ({"formToken": "@yesterday"}, ["OLD_FORM"]),
        ({"formToken": "@now"}, ["TOO_FAST"]),
        ({"body": "Look: https://example.com https://example.org"}, ["LINKS"]),
        ({"body": "Win at the Casino"}, ["WORDS"]),
        ({"website": "casino.example.com"}, ["WORDS"]),
        ({"email": "new@example.com"}, ["FIRST_COMMENT"]),
        # The e-mail of somebody who is known, with another name.
        ({"authorName": "Somebody else"}, ["FIRST_COMMENT"]),
        ({"body": "Said  ELSEWHERE!"}, ["REPEATED"]),
    ],
    ids=str,
)
async def test_what_is_odd_waits(api: Api, scene: Scene, changes: dict[str, Any], reasons: list[str]) -> None:
    created = await scene.create(api, **changes)
    assert created == {"status": "PENDING", "comment": None, "errors": []}
    row = await scene.newest(api)
    assert (row.status, row.reasons) == ("PENDING", reasons)


async def test_a_program_in_the_trap_learns_nothing(api: Api, scene: Scene) -> None:
    created = await scene.create(api, subject="Buy now", notifyOfReplies=True)
    assert created == {"status": "PENDING", "comment": None, "errors": []}
    row = await scene.newest(api)
    assert (row.status, row.reasons) == ("SPAM", ["TRAP"])
    # Nobody is told, and nobody's e-mail is kept to be asked.
    assert await scene.count(api, "comment_subscription") == 0
    assert await scene.count(api, "procrastinate_jobs") == 0


async def test_what_waits_is_told_of_once(api: Api, scene: Scene) -> None:
    for number in range(3):
        await scene.create(api, body=f"Words {number}", email="new@example.com")
    assert await scene.count(api, "procrastinate_jobs") == 1


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"authorName": " ", "email": "", "body": "<b> </b>", "website": "javascript:alert(1)"},
            [("authorName", "REQUIRED"), ("email", "REQUIRED"), ("website", "INVALID"), ("body", "REQUIRED")],
        ),
        ({"email": "nobody"}, [("email", "INVALID")]),
        ({"authorName": "x" * 81}, [("authorName", "INVALID")]),
        ({"body": "x" * 5001}, [("body", "INVALID")]),
        # What sanitising adds to each of a thousand links is more than is stored.
        ({"body": "<a>x" * 1250}, [("body", "INVALID")]),
        ({"page": "@draft"}, [("page", "NOT_FOUND")]),
        ({"page": ids.encode("Page", 2**31 - 1)}, [("page", "NOT_FOUND")]),
        ({"page": ids.encode("Product", 1)}, [("page", "GRAPHQL_ERROR")]),
        ({"page": "@closed"}, [("page", "CLOSED")]),
        ({"parent": "@elsewhere"}, [("parent", "NOT_FOUND")]),
        ({"parent": "@waits"}, [("parent", "NOT_FOUND")]),
        ({"parent": "abc"}, [("parent", "GRAPHQL_ERROR")]),
        ({"parent": "@deepest"}, [("parent", "THREAD_FULL")]),
    ],
    ids=str,
)
async def test_refusals_are_told_by_field_and_change_nothing(
    api: Api, scene: Scene, changes: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    before = await scene.count(api, "comment_comment")
    created = await scene.create(api, **changes)
    assert created["comment"] is None
    assert created["status"] is None
    assert [(error["field"], error["code"]) for error in created["errors"]] == errors
    assert await scene.count(api, "comment_comment") == before
    assert await scene.count(api, "account_attempt") == 0


async def test_a_thread_ends_somewhere(api: Api, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.comments.actions.create._MOST_IN_THREAD", 2)
    first = (await scene.create(api))["comment"]["id"]
    assert (await scene.create(api, parent=first, body="An answer"))["errors"] == []
    refused = await scene.create(api, parent=first, body="One more")
    assert refused["errors"] == [{"field": "parent", "code": "THREAD_FULL"}]


async def test_the_same_words_are_one_comment(api: Api, scene: Scene) -> None:
    first = await scene.create(api)
    before = await scene.count(api, "comment_comment")
    again = await scene.create(api, body="  Some WORDS! ")
    assert again["comment"] == first["comment"]
    assert await scene.count(api, "comment_comment") == before
    # At another place they are another's.
    answer = await scene.create(api, parent=first["comment"]["id"])
    assert answer["status"] == "PENDING"
    assert await scene.count(api, "comment_comment") == before + 1


@pytest.mark.parametrize(
    ("counter", "others"),
    [
        # One e-mail from wherever it comes; others from there may still.
        ("comment:_%", []),
        ("comment:@%", [{"field": None, "code": "DELAYED"}]),
    ],
)
async def test_who_says_too_much_has_to_wait(
    api: Api, scene: Scene, counter: str, others: list[dict[str, str | None]]
) -> None:
    await scene.create(api)
    often = text("UPDATE account_attempt SET failures = 40 WHERE key LIKE :counter AND (key LIKE '%@%') = :shared")
    values = {"counter": counter, "shared": "@" in counter}
    await api.database.run(lambda session: session.execute(often, values))
    assert (await scene.create(api, body="The last one for now"))["errors"] == []
    before = await scene.count(api, "comment_comment")
    refused = await scene.create(api, body="Words and words")
    assert refused == {"status": None, "comment": None, "errors": [{"field": None, "code": "DELAYED"}]}
    assert await scene.count(api, "comment_comment") == before
    assert (await scene.create(api, body="Mine", email="new@example.com"))["errors"] == others


async def test_a_user_is_known_by_the_account(api: Api, scene: Scene) -> None:
    token = await api.login("owner@example.com")
    # Neither e-mail nor name of the input count for who they are.
    first = await scene.create(api, token=token, authorName="Owner", email="reader@example.com")
    assert first["status"] == "PENDING"
    row = await scene.newest(api)
    assert (row.email, row.reasons) == ("owner@example.com", ["FIRST_COMMENT"])
    assert row.user_id is not None
    moderator = await api.login("moderator@example.com", "MANAGE_COMMENTS")
    await api(MODERATE, {"ids": [ids.encode("Comment", row.id)], "decision": "APPROVE"}, token=moderator)
    second = await scene.create(api, token=token, authorName="Another name", body="More words")
    assert second["status"] == "APPROVED"
    named = text("UPDATE account_user SET first_name = 'Example', last_name = 'Owner' WHERE email LIKE 'owner%'")
    await api.database.run(lambda session: session.execute(named))
    # Whoever knows their name and e-mail is not them.
    guest = await scene.create(api, authorName="Another name", email="owner@example.com", body="Not mine")
    assert guest["status"] == "PENDING"
    third = await scene.create(api, token=token, authorName=None, email=None, body="Even more")
    assert third["comment"]["authorName"] == "Example Owner"


async def test_staff_is_marked_and_not_held(api: Api, scene: Scene) -> None:
    token = await api.login("doctor@example.com", is_staff=True)
    created = await scene.create(api, token=token, authorName="Practice", formToken=None, body="www.a.com www.b.com")
    assert (created["status"], created["comment"]["isStaff"]) == ("APPROVED", True)
    closed = await scene.create(api, token=token, authorName="Practice", page="@closed")
    assert closed["errors"] == [{"field": "page", "code": "CLOSED"}]
    moderator = await api.login("moderator@example.com", "MANAGE_COMMENTS")
    last_word = await scene.create(api, token=moderator, authorName="Practice", page="@closed")
    assert last_word["status"] == "APPROVED"


async def test_moderating(api: Api, scene: Scene) -> None:
    token = await api.login("moderator@example.com", "MANAGE_COMMENTS")

    async def decide(decision: str, *keys: str) -> Any:
        return (await api(MODERATE, {"ids": list(keys), "decision": decision}, token=token)).data["commentModerate"]

    for decision, status in (
        ("APPROVE", "APPROVED"),
        ("REJECT", "REJECTED"),
        ("RESTORE", "PENDING"),
        ("SPAM", "SPAM"),
        ("APPROVE", "APPROVED"),
    ):
        done = await decide(decision, scene.waits, scene.elsewhere)
        assert done["errors"] == []
        assert [(one["id"], one["status"]) for one in done["comments"]] == [
            (scene.waits, status),
            (scene.elsewhere, status),
        ]
    # What was as wanted already is left alone; so the first decision is nobody's for the one that was approved.
    assert [one["moderatedBy"] for one in done["comments"]] == [{"email": "moderator@example.com"}] * 2
    for keys, code in (
        ([scene.waits, ids.encode("Comment", 2**31 - 1)], "NOT_FOUND"),
        ([scene.waits, scene.page], "GRAPHQL_ERROR"),
        ([scene.waits] * 101, "INVALID"),
    ):
        refused = await decide("SPAM", *keys)
        assert refused == {"comments": [], "errors": [{"field": "ids", "code": code}]}
    await api(DELETE, {"id": scene.elsewhere}, token=token)
    refused = await decide("SPAM", scene.waits, scene.elsewhere)
    assert refused == {"comments": [], "errors": [{"field": "ids", "code": "INVALID_STATE"}]}
    assert (await stored(api, scene.waits)).status == "APPROVED"


@pytest.mark.parametrize("permissions", [None, (), ("MANAGE_PRODUCTS",)])
async def test_others_do_not_moderate(api: Api, scene: Scene, permissions: tuple[str, ...] | None) -> None:
    token = None if permissions is None else await api.login("somebody@example.com", *permissions)
    reply = await api(MODERATE, {"ids": [scene.waits], "decision": "APPROVE"}, token=token)
    assert [error["extensions"]["exception"]["code"] for error in reply.errors] == ["PermissionDenied"]
    assert (await stored(api, scene.waits)).status == "PENDING"


async def test_deleting_leaves_the_place_alone(api: Api, scene: Scene) -> None:
    owner = await api.login("owner@example.com")
    await scene.create(api, token=owner, authorName="Owner", website="example.com", notifyOfReplies=True)
    row = await scene.newest(api)
    key = ids.encode("Comment", row.id)
    stranger = await api.login("stranger@example.com")
    staff = await api.login("clerk@example.com", "MANAGE_PRODUCTS")
    anonymous = await api(DELETE, {"id": key})
    assert [error["extensions"]["exception"]["code"] for error in anonymous.errors] == ["PermissionDenied"]
    for token in (stranger, staff):
        refused = (await api(DELETE, {"id": key}, token=token)).data["commentDelete"]
        assert refused == {"id": None, "errors": [{"field": "id", "code": "NOT_FOUND"}]}
    assert (await stored(api, key)).body == "Some words."
    assert await scene.count(api, "comment_subscription") == 1
    for _ in range(2):
        done = (await api(DELETE, {"id": key}, token=await api.login("mod@example.com", "MANAGE_PAGES"))).data
        assert done["commentDelete"] == {"id": key, "errors": []}
    gone = await stored(api, key)
    assert (gone.status, gone.author_name, gone.body) == ("DELETED", "", "")
    private = (gone.email, gone.website, gone.user_id, gone.address, gone.agent, gone.digest)
    assert private == (None,) * 6
    assert await scene.count(api, "comment_subscription") == 0
    other = (await api(DELETE, {"id": scene.page}, token=owner)).data["commentDelete"]
    assert other["errors"] == [{"field": "id", "code": "GRAPHQL_ERROR"}]


async def test_authors_delete_their_own(api: Api, scene: Scene) -> None:
    owner = await api.login("owner@example.com")
    await scene.create(api, token=owner, authorName="Owner")
    key = ids.encode("Comment", (await scene.newest(api)).id)
    assert (await api(DELETE, {"id": key}, token=owner)).data["commentDelete"] == {"id": key, "errors": []}
    assert (await stored(api, key)).status == "DELETED"
    again = (await api(DELETE, {"id": key}, token=owner)).data["commentDelete"]
    assert again["errors"] == [{"field": "id", "code": "NOT_FOUND"}]


@pytest.mark.race
async def test_the_same_words_at_once_are_one_comment(committed_api: Api, rounds: Callable[[int, int], int]) -> None:
    scene = await Scene.laid_out(committed_api)
    for number in range(rounds(1, 20)):
        before = await scene.count(committed_api, "comment_comment")
        made = await asyncio.gather(
            *[
                scene.create(committed_api, body=f"Round {number}", email=f"racer-{number}@example.com")
                for _ in range(8)
            ]
        )
        assert [(one["status"], one["errors"]) for one in made] == [("PENDING", [])] * 8
        assert await scene.count(committed_api, "comment_comment") == before + 1


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        # On another page, under a parent at another place, deeper than five, with a hole, below nothing.
        ("fk_comment_comment_place", {"page_id": "@other", "path": "@top"}),
        ("fk_comment_comment_place", {"path": [1_000_000]}),
        ("fk_comment_comment_place", {"path": "@wrong"}),
        ("ck_comment_comment_five_levels", {"path": [1, 2, 3, 4, 5]}),
        ("ck_comment_comment_path_without_gaps", {"path": [None]}),
        ("ck_comment_comment_status", {"status": "SHOWN"}),
        ("ck_comment_comment_body", {"body": ""}),
        ("ck_comment_comment_author_name", {"author_name": ""}),
        ("ck_comment_comment_author_name_length", {"author_name": "x" * 81}),
        ("ck_comment_comment_email_is_lower_case", {"email": "Reader@example.com"}),
        ("ck_comment_comment_website_is_http", {"website": "javascript:alert(1)"}),
        (
            "ck_comment_comment_deleted_is_nobodys",
            {"status": "DELETED", "author_name": "", "body": "", "email": "reader@example.com"},
        ),
    ],
    ids=str,
)
async def test_wrong_states_cannot_be_stored(api: Api, constraint: str, values: dict[str, Any]) -> None:
    async def attempt(session: AsyncSession) -> None:
        page = await article(session)
        other = await make.page(session)
        top = await make.comment(session, page)
        second = await make.comment(session, page)
        below = await make.comment(session, page, parent=top)
        named: dict[Any, Any] = {"@other": other.id, "@top": [top.id], "@wrong": [second.id, below.id]}
        row = {"page_id": page.id, "path": [], "status": "PENDING", "author_name": "Reader", "body": "Words"}
        row |= {name: named.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
        session.add(Comment(**row))
        with pytest.raises(IntegrityError, match=constraint):
            await session.flush()
        await session.rollback()

    async with asyncio.timeout(30):
        await _alone(api, attempt)


async def _alone(api: Api, attempt: Callable[[AsyncSession], Any]) -> None:
    """The attempt in a unit of its own, of which nothing is left."""

    class _DoneError(Exception):
        pass

    async def work(session: AsyncSession) -> None:
        await attempt(session)
        raise _DoneError

    with pytest.raises(_DoneError):
        await api.database.run(work)


async def test_pages_take_their_comments_along(api: Api, scene: Scene) -> None:
    await api.database.run(lambda session: session.execute(text("DELETE FROM content_page")))
    assert await scene.count(api, "comment_comment") == 0
