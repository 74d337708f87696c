"""Comments below articles: reading, writing with and without a script, moderating, the links of mails, and feeds."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shop.storefront import atom, forms, visitor
from shop.storefront.answers import shared
from shop.storefront.api import nodes
from shop.storefront.origin import base_url
from shop.storefront.rendering import go
from shop.storefront.shopfront import shopfront
from shop.storefront.views.sign_in import private

_THREADS: Final = 20
_LONGEST_BODY: Final = 20_000
_QUEUE_SIZE: Final = 20
_IN_FEED: Final = 50
_FEED_SECONDS: Final = 300
_FIELDS: Final = ("authorName", "email", "website", "parent", "formToken", "subject")
_LABELS: Final = {"authorName": "Name", "email": "E-mail", "website": "Website", "body": "Comment"}
_SHOWN: Final = "Thank you. Your comment is shown below."
_WAITS: Final = "Thank you. Your comment will be shown once somebody has looked at it."
STATES: Final = {"PENDING": "Waiting", "APPROVED": "Shown", "SPAM": "Spam", "REJECTED": "Taken down"}
_REASONS: Final = {
    "TRAP": "filled in a field that only programs see",
    "NO_FORM": "came without a form",
    "OLD_FORM": "came with an old form",
    "TOO_FAST": "typed very fast",
    "LINKS": "many links",
    "WORDS": "a word of the list",
    "REPEATED": "said elsewhere too",
    "FIRST_COMMENT": "first comment of this author",
    "ALL_ARE_HELD": "all comments wait",
}


@dataclass(slots=True)
class Branch:
    """A comment with the answers to it."""

    comment: Mapping[str, Any]
    answers: list["Branch"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entry:
    """The form as it is shown: what it answers, what was typed, what is wrong with it. `key` begins its ids.

    `token` is empty below an article, which is the same for everybody: a script fetches one when the form is used, and
    without a script the form is shown once more with one, to be looked over.
    """

    key: str
    token: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    parent: Mapping[str, Any] | None = None
    is_review: bool = False


@dataclass(frozen=True, slots=True)
class Discussion:
    """What stands below an article. `said` is what the reader is told of a comment that was just made."""

    slug: str
    count: int
    is_open: bool
    threads: Sequence[Branch]
    following: str | None
    entry: Entry | None
    said: str = ""


def tree(threads: Sequence[Mapping[str, Any]]) -> list[Branch]:
    """Threads, each told from top to bottom by depth, as comments with their answers."""
    found = []
    for thread in threads:
        above = [Branch(thread)]
        found.append(above[0])
        for comment in thread["thread"]:
            del above[comment["depth"] :]
            branch = Branch(comment)
            above[-1].answers.append(branch)
            above.append(branch)
    return found


async def discussion(request: Request, slug: str, said: str = "") -> Discussion | None:
    """What stands below the article; None below a page that takes no comments and has none."""
    front = shopfront(request)
    after = request.query_params.get("comments") or None
    page = (await front.api.query(request, "PageComments", slug=slug, first=_THREADS, after=after))["page"]
    if page is None or page["comments"] is None:
        # An old or edited cursor: the article starts again.
        raise HTTPException(404)
    if not page["commentsOpen"] and not page["commentsCount"]:
        return None
    is_open = page["commentsOpen"]
    info = page["comments"]["pageInfo"]
    return Discussion(
        slug=slug,
        count=page["commentsCount"],
        is_open=is_open,
        threads=tree(nodes(page["comments"])),
        following=f"?{urlencode({'comments': info['endCursor']})}#comments" if info["hasNextPage"] else None,
        entry=Entry("new", "", await _known(request), {}) if is_open else None,
        said=said,
    )


async def write(request: Request) -> Response:
    """The form on a page of its own: to answer a comment without a script."""
    slug, page = await _form_of(request)
    if page["commentForm"] is None:
        raise HTTPException(404)
    parent = request.query_params.get("parent") or ""
    values = await _known(request) | {"parent": parent}
    return await _form(request, slug, page, values, {}, token=page["commentForm"]["token"])


async def create(request: Request) -> Response:
    """The comment is made, and its author is led back to it, or told what is wrong with everything still typed in.

    Without a form's token nothing is made yet: programs that post at once to what they find in a page end there.
    """
    front = shopfront(request)
    slug, page = await _form_of(request)
    form = await request.form()
    # Browsers count a line's end as one sign and send two.
    body = str(form.get("body") or "")[:_LONGEST_BODY].replace("\r\n", "\n")
    values = forms.texts(form, *_FIELDS) | {"body": body}
    wants = form.get("notifyOfReplies") is not None
    if not values["formToken"] and page["commentForm"] is not None:
        values |= {"notifyOfReplies": "1" if wants else ""}
        return await _form(request, slug, page, values, {}, token=page["commentForm"]["token"], is_review=True)
    given: dict[str, Any] = {name: value for name, value in values.items() if value}
    given |= {"page": page["id"], "body": body, "notifyOfReplies": wants}
    payload = await front.api.mutate(request, "CommentCreate", input=given)
    if payload["errors"]:
        values |= {"notifyOfReplies": "1" if wants else ""}
        found = forms.errors(payload)
        errors = {name: text for name, text in found.items() if name in _LABELS}
        if elsewhere := [text for name, text in found.items() if name not in _LABELS]:
            errors[""] = elsewhere[0]
        return await _form(request, slug, page, values, errors, token=values["formToken"])
    comment = payload["comment"]
    said = _WAITS if comment is None else _SHOWN
    if _is_script(request):
        shown = await discussion(request, slug, said)
        anchor = {"X-Comment": comment["anchor"]} if comment else {}
        response = await front.pages.part(request, "comments/thread.html", discussion=shown)
        response.headers.update(anchor)
        return response
    place = "comments" if comment is None else comment["anchor"]
    return go(request, f"/pages/{slug}#{place}", visitor.Notice("good", said))


async def moderation(request: Request) -> Response:
    """The queue, for who is signed in and moderates; nobody else learns that there is one."""
    front = shopfront(request)
    status = request.query_params.get("status", "PENDING")
    chosen = request.query_params.get("comment")
    wanted: dict[str, Any] = {"ids": [chosen]} if chosen else {"status": [status if status in STATES else "PENDING"]}
    after = request.query_params.get("after") or None
    found = await front.api.query(request, "CommentQueue", first=_QUEUE_SIZE, after=after, filter=wanted)
    if found["comments"] is None:
        raise HTTPException(404)
    if request.method == "POST":
        return await _decide(request)
    info = found["comments"]["pageInfo"]
    return await front.pages.show(
        request,
        "comments/moderation.html",
        comments=nodes(found["comments"]),
        total=found["comments"]["totalCount"],
        state=None if chosen else wanted["status"][0],
        chosen=chosen,
        states=STATES,
        reasons=_REASONS,
        following=f"?{urlencode({'status': status, 'after': info['endCursor']})}" if info["hasNextPage"] else None,
    )


async def _decide(request: Request) -> Response:
    form = await request.form()
    ids, decision = [str(one) for one in form.getlist("id")], str(form.get("decision") or "")
    if not ids or decision not in {"APPROVE", "REJECT", "SPAM", "RESTORE"}:
        return go(request, "/moderation", visitor.Notice("bad", "Choose the comments first."))
    payload = await shopfront(request).api.mutate(request, "CommentModerate", ids=ids, decision=decision)
    if payload["errors"]:
        return go(request, "/moderation", visitor.Notice("bad", payload["errors"][0]["message"]))
    number = len(payload["comments"])
    return go(request, "/moderation", visitor.Notice("good", f"Done: {number} comment{'' if number == 1 else 's'}."))


async def confirm(request: Request) -> Response:
    """The link of a mail: answers will be mailed."""
    return await _by_token(
        request,
        "CommentSubscriptionConfirm",
        title="Shall we tell you of answers?",
        question="We mail you when somebody answers your comments on this page. Each mail has a link that ends it.",
        button="Yes, tell me",
        done="From now on we tell you of answers.",
    )


async def unsubscribe(request: Request) -> Response:
    """The link of every mail, for people and for mail programs, which send a form of their own and take no redirect.

    Source: RFC 8058, 3.1 and 3.2.
    """
    if request.method == "POST" and (await request.form()).get("List-Unsubscribe") == "One-Click":
        token = forms.texts(request.query_params, "token")["token"]
        payload = await shopfront(request).api.mutate(request, "CommentUnsubscribe", token=token)
        if payload["errors"]:
            return PlainTextResponse("This link is not valid.", status_code=400)
        return PlainTextResponse("You get no more of these mails.")
    return await _by_token(
        request,
        "CommentUnsubscribe",
        title="No more mails about answers",
        question="Shall we stop telling you of answers to your comments on this page?",
        button="Yes, no more mails",
        done="You get no more of these mails.",
    )


async def feed(request: Request) -> Response:
    """What was said last, on all pages or on one, as Atom."""
    front = shopfront(request)
    slug = request.path_params.get("slug")
    data = await front.api.query_as_anyone(
        request, "LatestComments", first=_IN_FEED, slug=slug, onPage=slug is not None
    )
    page = data.get("page")
    if slug is not None and page is None:
        raise HTTPException(404)
    base = base_url(request, front.settings.public_url)
    name = data["shop"]["name"]
    body = atom.feed(
        base + request.url.path,
        base if page is None else f"{base}/pages/{page['slug']}",
        f"Comments at {name}" if page is None else f"Comments on “{page['title']}” at {name}",
        [
            atom.Entry(
                url=f"{base}/pages/{one['page']['slug']}#{one['anchor']}",
                title=f"{one['authorName']} on “{one['page']['title']}”",
                author=one["authorName"],
                updated=one["createdAt"],
                html=one["bodyHtml"],
            )
            for one in data["latestComments"]
        ],
    )
    return shared(request, body, "application/atom+xml", seconds=_FEED_SECONDS)


async def _form_of(request: Request) -> tuple[str, dict[str, Any]]:
    """The slug and the page with its form. Raises: HTTPException 404 where nobody may read it."""
    slug = request.path_params["slug"]
    page = (await shopfront(request).api.query(request, "CommentFormToken", slug=slug))["page"]
    if page is None:
        raise HTTPException(404)
    return slug, page


async def _known(request: Request) -> dict[str, str]:
    """What need not be typed by who is signed in."""
    customer = (await shopfront(request).pages.frame(request)).customer
    return {"authorName": customer["firstName"] or ""} if customer else {}


async def _form(
    request: Request,
    slug: str,
    page: Mapping[str, Any],
    values: dict[str, str],
    errors: dict[str, str],
    *,
    token: str,
    is_review: bool = False,
) -> Response:
    parent = values.get("parent") or ""
    # Two forms may be on one page: the ids of their fields differ.
    key = hashlib.sha256(parent.encode()).hexdigest()[:8] if parent else "new"
    above = {"id": parent} if parent else None
    entry = Entry(f"answer-{key}" if parent else key, token, values, errors, above, is_review)
    context: dict[str, Any] = {"slug": slug, "page": page, "entry": entry, "labels": _LABELS}
    status = 422 if errors or is_review else 200
    pages = shopfront(request).pages
    if _is_script(request):
        return await pages.part(request, "comments/form.html", status=status, **context)
    return private(await pages.show(request, "comments/write.html", status=status, **context))


def _is_script(request: Request) -> bool:
    return request.headers.get("x-requested-with") == "fetch"


async def _by_token(request: Request, document: str, *, title: str, question: str, button: str, done: str) -> Response:
    front = shopfront(request)
    errors: dict[str, str] = {}
    source = await request.form() if request.method == "POST" else request.query_params
    token = forms.texts(source, "token")["token"]
    if request.method == "POST":
        payload = await front.api.mutate(request, document, token=token)
        if not payload["errors"]:
            return go(request, "/", visitor.Notice("good", done))
        errors = {"": payload["errors"][0]["message"] or "This link has ended."}
    response = await front.pages.show(
        request,
        "comments/by_token.html",
        status=422 if errors else 200,
        title=title,
        question=question,
        button=button,
        token=token,
        errors=errors,
    )
    return private(response)
