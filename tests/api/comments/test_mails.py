"""Mails about comments: to moderators, and to who was answered and agreed to be told; and what is forgotten."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop import wiring
from shop.accounts.actions import delete_account
from shop.accounts.links import Account
from shop.accounts.models import User
from shop.comments import flows
from shop.comments.models import Comment, Subscription
from shop.content.models import Page
from shop.kit import clock, ids
from shop.mail.models import Message
from tests import factories as make
from tests.api.client import Api
from tests.api.comments.scene import Scene, article

CONFIRM = "mutation ($token: String!) { commentSubscriptionConfirm(token: $token) { confirmed errors { field code } } }"
LEAVE = "mutation ($token: String!) { commentUnsubscribe(token: $token) { unsubscribed errors { field code } } }"
MODERATE = """
mutation ($ids: [ID!]!, $decision: CommentDecision! = APPROVE) {
  commentModerate(ids: $ids, decision: $decision) { errors { field code } }
}
"""


@pytest.fixture
async def scene(api: Api) -> Scene:
    return await Scene.laid_out(api)


async def mails(api: Api, kind: str = "comment") -> list[Message]:
    """The mails of a kind in the outbox."""

    async def read(session: AsyncSession) -> list[Message]:
        return list(await session.scalars(select(Message).where(Message.dedupe_key.startswith(kind))))

    return await api.database.run(read)


async def approve(api: Api, *comment_ids: int) -> None:
    """Somebody has looked at the comments."""
    token = await api.login("moderator@example.com", "MANAGE_COMMENTS")
    keys = [ids.encode("Comment", key) for key in comment_ids]
    reply = await api(MODERATE, {"ids": keys}, token=token)
    assert reply.data["commentModerate"] == {"errors": []}


def token_of(mail: Message, path: str) -> str:
    """The token of the mail's link to a page."""
    (link,) = re.findall(rf"http://shop\.test/comments/{path}\S+", mail.text)
    token: str = parse_qs(urlsplit(link).query)["token"][0]
    return token


async def test_from_the_wish_to_the_answer_to_the_end(api: Api, scene: Scene) -> None:
    created = await scene.create(api, email="new@example.com", body="A question", notifyOfReplies=True)
    assert created["status"] == "PENDING"
    question = await scene.newest(api)
    # Nobody is mailed on a stranger's word.
    assert await mails(api) == []
    await approve(api, question.id)
    (asked,) = await mails(api)
    assert (asked.recipient, asked.subject) == ("new@example.com", "Shall we tell you of answers at Shop?")
    assert asked.unsubscribe_url is None
    # Answers before the owner has agreed are told to nobody.
    key = ids.encode("Comment", question.id)
    await scene.create(api, parent=key, body="Too early")
    assert len(await mails(api)) == 1
    agreed = await api(CONFIRM, {"token": token_of(asked, "confirm")})
    assert agreed.data["commentSubscriptionConfirm"] == {"confirmed": True, "errors": []}
    answer = await scene.create(api, parent=key, body="An <b>answer</b> & more")
    (told,) = await mails(api, "comment-answer")
    assert (told.recipient, told.subject) == ("new@example.com", "Example reader A answered your comment at Shop")
    number = ids.decode_int(answer["comment"]["id"], "Comment")
    assert f"http://shop.test/pages/hair#comment-{number}" in told.text
    assert "An answer & more" in told.text
    assert "An answer &amp; more" in str(told.html)
    assert "reader@example.com" not in told.text
    assert str(told.unsubscribe_url) in told.text
    # Their own words are no news to them.
    await scene.create(api, email="new@example.com", parent=key, body="Thank you")
    assert len(await mails(api)) == 2
    leave = {"token": token_of(told, "unsubscribe")}
    for _ in range(2):
        left = await api(LEAVE, leave)
        assert left.data["commentUnsubscribe"] == {"unsubscribed": True, "errors": []}
    await scene.create(api, parent=key, body="One more answer")
    assert len(await mails(api)) == 2
    late = await api(CONFIRM, {"token": token_of(asked, "confirm")})
    refused = {"confirmed": False, "errors": [{"field": "token", "code": "INVALID"}]}
    assert late.data["commentSubscriptionConfirm"] == refused


async def test_a_held_answer_is_told_of_once_it_is_shown(api: Api, scene: Scene) -> None:
    owner = await api.login("owner@example.com")
    await scene.create(api, token=owner, authorName="Owner", body="A question", notifyOfReplies=True)
    question = await scene.newest(api)
    await approve(api, question.id)
    # Who is signed in has proved the mailbox already.
    assert await mails(api) == []
    await scene.create(api, email="new@example.com", parent=ids.encode("Comment", question.id), body="Waits")
    answer = await scene.newest(api)
    assert await mails(api) == []
    for _ in range(2):
        await approve(api, answer.id)
    (told,) = await mails(api)
    assert told.recipient == "owner@example.com"


@pytest.mark.parametrize("token", ["", "none", "~", "00000000000040008000000000000000~x"])
async def test_made_up_tokens_do_nothing(api: Api, scene: Scene, token: str) -> None:
    owner = await api.login("owner@example.com")
    await scene.create(api, token=owner, authorName="Owner", notifyOfReplies=True)
    error = [{"field": "token", "code": "INVALID"}]
    assert (await api(LEAVE, {"token": token})).data["commentUnsubscribe"] == {"unsubscribed": False, "errors": error}
    confirmed = (await api(CONFIRM, {"token": token})).data["commentSubscriptionConfirm"]
    assert confirmed == {"confirmed": False, "errors": error}
    assert await scene.count(api, "comment_subscription") == 1


async def test_moderators_are_told_in_one_mail(api: Api, scene: Scene) -> None:
    await api.login("moderator@example.com", "MANAGE_COMMENTS")
    await api.login("second@example.com", "MANAGE_COMMENTS", "MANAGE_PAGES")
    await api.login("author@example.com", "MANAGE_PAGES")
    await api.database.run(lambda session: _wait(session, scene, 22))
    await flows.tell(api.database, api.settings, now=clock.now())
    found = await mails(api)
    assert sorted(mail.recipient for mail in found) == ["moderator@example.com", "second@example.com"]
    # One waited before.
    assert found[0].subject == "23 comments wait at Shop"
    newest = await scene.newest(api)
    assert "Waits 18" in found[0].text
    assert "Waits 19" not in found[0].text
    assert "And 3 more." in found[0].text
    last = ids.encode("Comment", newest.id - 3)
    assert f"http://shop.test/moderation?comment={quote(last)}\nIn the API: {last}\n" in found[0].text
    await flows.tell(api.database, api.settings, now=clock.now())
    assert len(await mails(api)) == 2


async def _wait(session: AsyncSession, scene: Scene, number: int) -> None:
    page = await session.get_one(Page, ids.decode_int(scene.page, "Page"))
    for one in range(number):
        await make.comment(session, page, status="PENDING", author_name=f"Waits {one:02}")


@pytest.mark.parametrize(("contact", "recipients"), [("", []), ("contact@example.com", ["contact@example.com"])])
async def test_without_moderators_the_shop_is_told(api: Api, scene: Scene, contact: str, recipients: list[str]) -> None:
    change = text("UPDATE site_settings SET contact_email = :contact")
    await api.database.run(lambda session: session.execute(change, {"contact": contact}))
    await flows.tell(api.database, api.settings.model_copy(update={"public_url": None}), now=clock.now())
    found = await mails(api)
    assert [mail.recipient for mail in found] == recipients
    # Without an address of the shop, the API's ID is what there is.
    assert all(scene.waits in mail.text and "http" not in mail.text for mail in found)


async def test_what_is_not_kept(api: Api) -> None:
    now = clock.now()

    async def rows(session: AsyncSession) -> dict[str, int]:
        page = await article(session)
        traces: dict[str, Any] = {"address": "203.0.113.0/24", "agent": "Example browser"}
        old, new = now - timedelta(days=91), now - timedelta(days=89)
        answered = await make.comment(session, page, status="SPAM", created_at=old, **traces)
        session.add(Subscription(page_id=page.id, email="slow@example.com", asked_at=now - timedelta(days=31)))
        session.add(Subscription(page_id=page.id, email="new@example.com", asked_at=now - timedelta(days=29)))
        session.add(
            Subscription(page_id=page.id, email="told@example.com", asked_at=now - timedelta(days=99), confirmed_at=old)
        )
        return {
            "old": (await make.comment(session, page, created_at=old, **traces)).id,
            "new": (await make.comment(session, page, created_at=new, **traces)).id,
            "old spam": (await make.comment(session, page, status="SPAM", created_at=old)).id,
            "new spam": (await make.comment(session, page, status="SPAM", created_at=new)).id,
            "answered spam": answered.id,
            "answer": (await make.comment(session, page, parent=answered, created_at=old)).id,
        }

    keys = await api.database.run(rows)
    await flows.forget(api.database, api.settings, now=now)

    async def left(session: AsyncSession) -> tuple[dict[int, tuple[str | None, str | None]], list[str]]:
        comments = await session.execute(select(Comment.id, Comment.address, Comment.agent))
        emails = await session.scalars(select(Subscription.email).order_by(Subscription.email))
        return {row.id: (row.address, row.agent) for row in comments}, list(emails)

    comments, emails = await api.database.run(left)
    assert set(comments) == set(keys.values()) - {keys["old spam"]}
    assert comments[keys["new"]] == ("203.0.113.0/24", "Example browser")
    assert comments[keys["old"]] == comments[keys["answered spam"]] == (None, None)
    assert emails == ["new@example.com", "told@example.com"]


async def test_who_leaves_takes_their_words_along(api: Api, scene: Scene) -> None:
    wiring.connect()
    owner = await api.login("owner@example.com")
    await scene.create(api, token=owner, authorName="Owner", body="With the account", notifyOfReplies=True)
    as_user = await scene.newest(api)
    await scene.create(api, email="owner@example.com", body="Before it")
    as_guest = await scene.newest(api)

    async def leave(session: AsyncSession) -> None:
        user = (await session.scalars(select(User).where(User.email == "owner@example.com"))).one()
        account = Account(
            user.id, user.email, user.is_staff, user.is_active, user.is_confirmed, user.token_key, user.password_hash
        )
        await delete_account(session, account)

    await api.database.run(leave)
    statement = (
        select(Comment).where(Comment.id.in_([as_user.id, as_guest.id])).execution_options(populate_existing=True)
    )

    async def read(session: AsyncSession) -> list[Comment]:
        return list(await session.scalars(statement))

    gone = await api.database.run(read)
    assert [(one.status, one.body, one.email, one.author_name) for one in gone] == [("DELETED", "", None, "")] * 2
    assert await scene.count(api, "comment_subscription") == 0
    # Others' are as they were.
    page = await api('{ page(slug: "hair") { commentsCount } }')
    assert page.data["page"]["commentsCount"] == 5
