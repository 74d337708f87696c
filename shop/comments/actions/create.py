"""Somebody comments on a page: checked, looked at for spam, stored, and passed on to who should know."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from shop.accounts.actions import count_attempt
from shop.accounts.attempts import Guard
from shop.accounts.rules import is_email, normalised_email
from shop.comments import rules, tokens
from shop.comments.actions.subscribe import subscribe
from shop.comments.actions.tell import tell_of_answer, tell_soon
from shop.comments.errors import BadWebsite, Closed, CommentNotFound, PageNotFound, Required, ThreadFull, TooLong
from shop.comments.models import Comment
from shop.comments.queries import DISCUSSIONS
from shop.kit.errors import Invalid, Many, ShopError

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 7236106))")
_MOST_IN_THREAD = 200
_REMEMBERED = timedelta(days=7)
_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Words:
    """What was sent. `form_token` is None where the caller has no form; `trap` is what only programs fill in."""

    page_id: int
    parent_id: int | None
    author_name: str
    email: str
    website: str
    body: str
    form_token: str | None = None
    trap: str = ""
    wants_answers: bool = False


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who sent it: a user by id and e-mail, from which address with which program, and whether they moderate."""

    user_id: int | None = None
    email: str | None = None
    is_staff: bool = False
    is_moderator: bool = False
    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The stored comment, and what became of it."""

    id: int
    status: str


async def say(
    session: AsyncSession,
    words: Words,
    speaker: Speaker,
    *,
    policy: rules.Policy,
    secret: str,
    base_url: str,
    now: datetime,
) -> Said:
    """The comment is stored: shown, waiting for a person, or known as spam. The same words again are the same comment.

    Locks: what the e-mail says on the page, then the counters of attempts.
    Raises: Many, PageNotFound, Closed, CommentNotFound, ThreadFull, Delayed.
    """
    values = _checked(words, speaker)
    page = (await session.execute(DISCUSSIONS, {"ids": [words.page_id], "now": now})).mappings().one_or_none()
    if page is None or not page["is_visible"]:
        raise PageNotFound
    discussion = rules.Discussion(page["page_type"], page["published_at"], page["metadata"])
    if not speaker.is_moderator and not rules.is_open(discussion, policy, now=now):
        raise Closed
    values |= {"page_id": words.page_id, "path": await _path(session, words)}
    # Sent twice at once, the second waits for the first, and neither counts as two.
    await session.execute(_ONE_AT_A_TIME, {"key": f"{words.page_id}:{values['email']}"})
    said = await _said_before(session, values, words.parent_id)
    if said is not None:
        return said
    if not speaker.is_staff:
        await count_attempt(session, _guards(values["email"], values["address"]), now=now, field=None, code="DELAYED")
    verdict = rules.Verdict("APPROVED")
    if not speaker.is_staff:
        verdict = rules.judge(await _signals(session, words, speaker, values, policy, secret=secret, now=now), policy)
    values |= {"status": verdict.status, "reasons": list(verdict.reasons), "created_at": now, "updated_at": now}
    key = (await session.execute(insert(Comment).values(values).returning(Comment.id))).scalar_one()
    if words.wants_answers and verdict.status != "SPAM":
        await subscribe(session, words.page_id, values["email"], is_proved=values["email"] == speaker.email, now=now)
    if verdict.status == "APPROVED":
        await tell_of_answer(session, [key], secret=secret, base_url=base_url, now=now)
    elif verdict.status == "PENDING":
        await tell_soon(session, now=now)
    return Said(key, verdict.status)


def _checked(words: Words, speaker: Speaker) -> dict[str, Any]:
    """The columns that come from what was typed. Raises: Many with an error for each field that is wrong."""
    errors: list[ShopError] = []
    name, body = rules.name_of(words.author_name[:1000]), rules.cleaned(words.body[: rules.LONGEST_BODY])
    email = speaker.email or normalised_email(words.email)
    website: str | None = None
    if not name:
        errors.append(Required("authorName"))
    elif len(name) > rules.LONGEST_NAME:
        errors.append(TooLong("authorName", rules.LONGEST_NAME))
    if not email:
        errors.append(Required("email"))
    elif not is_email(email):
        errors.append(Invalid("Enter a valid email address.", field="email"))
    try:
        website = rules.website_of(words.website)
    except BadWebsite as error:
        errors.append(error)
    if len(words.body) > rules.LONGEST_BODY or len(body) > rules.LONGEST_STORED:
        errors.append(TooLong("body", rules.LONGEST_BODY))
    elif not body:
        errors.append(Required("body"))
    if errors:
        raise Many(errors)
    return {
        "author_name": name,
        "email": email,
        "website": website,
        "body": body,
        "digest": rules.digest(body),
        "user_id": speaker.user_id,
        "is_staff": speaker.is_staff,
        "address": rules.truncated(speaker.address),
        "agent": speaker.agent[:_LONGEST_AGENT] or None,
    }


async def _path(session: AsyncSession, words: Words) -> list[int]:
    """The comments above the new one. Raises: CommentNotFound, ThreadFull."""
    if words.parent_id is None:
        return []
    statement = select(Comment.path, Comment.root_id, Comment.depth).where(
        Comment.id == words.parent_id, Comment.page_id == words.page_id, Comment.status == "APPROVED"
    )
    parent = (await session.execute(statement)).one_or_none()
    if parent is None:
        raise CommentNotFound("parent")
    # What nobody sees takes no room: else a program could fill a thread.
    counted = (
        select(func.count()).select_from(Comment).where(Comment.root_id == parent.root_id, Comment.status == "APPROVED")
    )
    if parent.depth >= rules.DEEPEST or (await session.execute(counted)).scalar_one() >= _MOST_IN_THREAD:
        raise ThreadFull
    return [*parent.path, words.parent_id]


async def _said_before(session: AsyncSession, values: dict[str, Any], parent_id: int | None) -> Said | None:
    statement = select(Comment.id, Comment.status).where(
        Comment.page_id == values["page_id"],
        Comment.email == values["email"],
        Comment.parent_id.is_(None) if parent_id is None else Comment.parent_id == parent_id,
        Comment.digest == values["digest"],
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Said(row.id, row.status)


async def _signals(
    session: AsyncSession,
    words: Words,
    speaker: Speaker,
    values: dict[str, Any],
    policy: rules.Policy,
    *,
    secret: str,
    now: datetime,
) -> rules.Signals:
    if speaker.user_id is not None:
        mine = Comment.user_id == speaker.user_id
    else:
        # By name and e-mail, of which others know the name alone; and never for who has an account, whose e-mail may
        # be known from elsewhere.
        mine = and_(
            Comment.user_id.is_(None),
            Comment.email == values["email"],
            func.lower(Comment.author_name) == values["author_name"].lower(),
        )
    elsewhere = (Comment.digest == values["digest"]) & (Comment.created_at > now - _REMEMBERED)
    statement = select(
        exists().where(mine, Comment.status == "APPROVED").label("is_known"), exists().where(elsewhere).label("repeats")
    )
    row = (await session.execute(statement)).one()
    token = words.form_token
    texts = (words.author_name, words.website, words.body)
    return rules.Signals(
        in_trap=bool(words.trap.strip()),
        has_form=bool(token),
        form_age=tokens.form_age(secret, token, words.page_id, now=now) if token else None,
        links=rules.links(words.author_name, words.body),
        has_held_word=rules.holds_word(policy.held_words, *texts),
        is_repeated=row.repeats,
        is_known_author=row.is_known,
    )


def _guards(email: str, network: str | None) -> list[Guard]:
    """The counters: of the e-mail, and of the part of the net that it comes from, which many share."""
    guards = [Guard(f"comment:{_short(email)}", 5, timedelta(minutes=10), timedelta(minutes=10))]
    if network:
        guards.append(Guard(f"comment:@{_short(network)}", 20, timedelta(minutes=5), timedelta(minutes=1)))
    return guards


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
