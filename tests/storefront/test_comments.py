"""Comments below an article: read, written with and without a script, moderated, mailed about, and fed."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from shop.storefront import atom
from shop.storefront.views.comments import tree
from tests.storefront.browsing import words
from tests.storefront.fake import FakeShop
from tests.storefront.people import EMAIL, PASSWORD

SCRIPT = {"X-Requested-With": "fetch"}
TYPED = {
    "authorName": "Example reader A",
    "email": "reader@example.com",
    "website": "example.com",
    "body": "First line\r\nsecond <b>line</b>",
    "formToken": "form token",
    "subject": "",
    "notifyOfReplies": "1",
}


async def sign_in(client: httpx.AsyncClient) -> None:
    await client.post("/account/sign-in", data={"email": EMAIL, "password": PASSWORD})


def test_threads_become_trees() -> None:
    def comment(name: str, depth: int) -> dict[str, Any]:
        return {"id": name, "depth": depth}

    below = [comment("b", 1), comment("c", 2), comment("d", 3), comment("e", 1), comment("f", 2)]
    (top,) = tree([comment("a", 0) | {"thread": below}])

    def told(branch: Any) -> Any:
        return branch.comment["id"], [told(one) for one in branch.answers]

    assert told(top) == ("a", [("b", [("c", [("d", [])])]), ("e", [("f", [])])])


async def test_an_article_shows_its_threads(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    one = fake.say("One", authorWebsite="https://example.com")
    fake.say("Practice", above=fake.say("Two", above=one), isStaff=True)
    fake.say("", above=one, gone=True)
    page = await browser_like.get("/pages/hair")
    text = words(page)
    assert "3 comments" in text
    assert "It is no medical advice" in text
    assert "Practice Works here" in text
    assert "This comment was removed." in text
    assert '<a href="https://example.com" rel="nofollow ugc noopener">One</a>' in page.text
    assert page.text.count("data-comment-reply") == 3
    assert re.findall(r'<li class="comment[^>]*id="([^"]+)"', page.text) == [f"comment-{n}" for n in range(1, 5)]
    assert page.text.count('<ol class="comment-list"') == 3
    for name in ("authorName", "email", "website", "body", "formToken", "subject", "notifyOfReplies"):
        assert f'name="{name}"' in page.text
    # The page is everybody's: its form has no token before it is used.
    assert 'name="formToken" value=""' in page.text
    assert "CommentFormToken" not in fake.operations
    assert "Never published" in text
    assert not re.search(r"\s(style|on\w+)=\"", page.text)
    ids = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))


async def test_pages_without_comments_are_as_they_were(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    assert 'id="comments"' not in (await browser_like.get("/pages/terms")).text
    fake.is_open = False
    assert 'id="comments"' not in (await browser_like.get("/pages/hair")).text
    fake.say("One")
    page = await browser_like.get("/pages/hair")
    assert "Comments are closed here." in words(page)
    assert "data-comment-reply" not in page.text
    assert "data-comment-form" not in page.text
    assert (await browser_like.get("/pages/hair/comments/new")).status_code == 404


async def test_many_threads_are_turned_like_pages(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    for number in range(25):
        fake.say(f"Reader {number}")
    first = await browser_like.get("/pages/hair")
    assert "Reader 19 said" in words(first)
    assert "Reader 20 said" not in words(first)
    (link,) = re.findall(r'href="(\?comments=[^"#]+)#comments"', first.text)
    second = await browser_like.get(f"/pages/hair{link}")
    assert "Reader 24 said" in words(second)
    assert "More comments" not in words(second)
    assert (await browser_like.get("/pages/hair?comments=nonsense")).status_code == 404


async def test_posting_without_a_script(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    posted = await browser_like.post("/pages/hair/comments", data=TYPED)
    assert (posted.status_code, posted.headers["location"]) == (303, "/pages/hair#comment-1")
    assert fake.sent("CommentCreate")["input"] == {
        "page": "hair",
        "authorName": "Example reader A",
        "email": "reader@example.com",
        "website": "example.com",
        "body": "First line\nsecond <b>line</b>",
        "formToken": "form token",
        "notifyOfReplies": True,
    }
    page = words(await browser_like.get("/pages/hair"))
    assert "Thank you. Your comment is shown below." in page
    assert "Example reader A said this." in page
    fake.verdict = "PENDING"
    waits = await browser_like.post("/pages/hair/comments", data=TYPED | {"subject": "Buy"})
    assert waits.headers["location"] == "/pages/hair#comments"
    assert fake.sent("CommentCreate")["input"]["subject"] == "Buy"
    assert "once somebody has looked at it" in words(await browser_like.get("/pages/hair"))


async def test_without_a_token_it_is_looked_over_first(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    page = await browser_like.post("/pages/hair/comments", data=TYPED | {"formToken": "", "parent": "C1"})
    assert page.status_code == 422
    assert "This is what you are about to post." in words(page)
    assert 'name="formToken" value="form token"' in page.text
    for kept in ('value="Example reader A"', "second &lt;b&gt;line", 'name="parent" value="C1"', '="1" checked'):
        assert kept in page.text
    assert "Please check what you entered" not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "CommentCreate" not in fake.operations
    part = await browser_like.post("/pages/hair/comments", data=TYPED | {"formToken": ""}, headers=SCRIPT)
    assert (part.status_code, part.text.lstrip()[:5]) == (422, "<form")
    assert "data-focus" in part.text
    assert fake.said == []
    fake.is_open = False
    fake.verdict = ""
    closed = await browser_like.post("/pages/hair/comments", data=TYPED | {"formToken": ""})
    assert "The  is wrong." in closed.text


async def test_an_article_is_not_sent_again_before_it_changed(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    article = await browser_like.get("/pages/hair")
    known = {"If-None-Match": article.headers["etag"]}
    same = await browser_like.get("/pages/hair", headers=known)
    assert (same.status_code, same.content, same.headers["cache-control"]) == (304, b"", "private, no-cache")
    assert same.headers["content-security-policy"] == article.headers["content-security-policy"]
    fake.say("One")
    assert (await browser_like.get("/pages/hair", headers=known)).status_code == 200
    # What somebody put into the cart, or is told, is part of their page.
    now = {"If-None-Match": (await browser_like.get("/pages/hair")).headers["etag"]}
    await browser_like.post("/pages/hair/comments", data=TYPED)
    assert "Thank you." in words(await browser_like.get("/pages/hair", headers=now))
    assert "etag" not in (await browser_like.get("/pages/nothing")).headers


async def test_what_is_wrong_is_told_beside_what_was_typed(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.verdict = "email"
    page = await browser_like.post("/pages/hair/comments", data=TYPED | {"parent": "C1"})
    assert page.status_code == 422
    text = words(page)
    assert "E-mail: The email is wrong." in text
    assert "Your answer" in text
    assert 'value="Example reader A"' in page.text
    assert "second &lt;b&gt;line&lt;/b&gt;</textarea>" in page.text
    assert 'name="parent" value="C1"' in page.text
    assert 'value="form token"' in page.text
    assert 'name="notifyOfReplies" value="1" checked' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count("<h1") == 1
    # What belongs to no field of the form stands above it.
    fake.verdict = "parent"
    assert "The parent is wrong." in words(await browser_like.post("/pages/hair/comments", data=TYPED))


async def test_answering_without_a_script(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.say("One")
    article = await browser_like.get("/pages/hair")
    (link,) = re.findall(r'href="(/pages/hair/comments/new[^"]+)"', article.text)
    page = await browser_like.get(link)
    assert "Answer a comment on “Hair”" in words(page)
    assert 'name="parent" value="C1"' in page.text
    posted = await browser_like.post("/pages/hair/comments", data=TYPED | {"parent": "C1"})
    assert posted.headers["location"] == "/pages/hair#comment-2"
    assert fake.said[1]["depth"] == 1
    assert (await browser_like.get("/pages/nothing/comments/new")).status_code == 404


async def test_with_a_script_only_the_comments_come_back(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    posted = await browser_like.post("/pages/hair/comments", data=TYPED, headers=SCRIPT)
    assert (posted.status_code, posted.headers["x-comment"]) == (200, "comment-1")
    assert posted.headers["cache-control"] == "no-store"
    # The first element is what replaces the comments.
    assert re.search(r"<(\w+)[^>]*>", posted.text).group().startswith("<section")  # type: ignore[union-attr]
    assert "data-comment-said>Thank you. Your comment is shown below.<" in posted.text
    assert "<html" not in posted.text
    fake.verdict = "body"
    refused = await browser_like.post("/pages/hair/comments", data=TYPED, headers=SCRIPT)
    assert refused.status_code == 422
    assert re.search(r"<(\w+)[^>]*>", refused.text).group().startswith("<form")  # type: ignore[union-attr]
    assert "Comment: The body is wrong." in words(refused)
    form = await browser_like.get("/pages/hair/comments/new?parent=C1", headers=SCRIPT)
    assert form.text.lstrip().startswith("<form")
    main = set(re.findall(r'\sid="([^"]+)"', posted.text))
    assert not main & set(re.findall(r'\sid="([^"]+)"', form.text))


async def test_who_is_signed_in_types_less(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    await sign_in(browser_like)
    page = await browser_like.get("/pages/hair")
    assert f"You are signed in as {EMAIL}, which is not published." in words(page)
    assert 'name="email"' not in page.text
    assert 'value="Example"' in page.text


async def test_forms_of_other_sites_are_refused(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    other = {"Origin": "https://elsewhere.example.com"}
    assert (await browser_like.post("/pages/hair/comments", data=TYPED, headers=other)).status_code == 403
    assert (await browser_like.post("/moderation", data={"id": "C1"}, headers=other)).status_code == 403
    assert fake.said == []


async def test_moderating(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    one = fake.waits("New reader")
    door = await browser_like.get("/moderation")
    assert (door.status_code, door.headers["location"]) == (303, "/account/sign-in?next=%2Fmoderation")
    await sign_in(browser_like)
    page = await browser_like.get("/moderation")
    text = words(page)
    assert "New reader , new@example.com" in text
    assert "first comment of this author, many links" in text
    assert page.headers["cache-control"] == "no-store"
    assert " checked" not in page.text
    assert fake.sent("CommentQueue")["filter"] == {"status": ["PENDING"]}
    alone = await browser_like.get("/moderation?comment=C1")
    assert fake.sent("CommentQueue")["filter"] == {"ids": ["C1"]}
    assert f'value="{one["id"]}" checked' in alone.text
    done = await browser_like.post("/moderation", data={"id": ["C1"], "decision": "APPROVE"})
    assert done.headers["location"] == "/moderation"
    assert fake.decided == [(["C1"], "APPROVE")]
    assert "Done: 1 comment." in words(await browser_like.get("/moderation"))
    for nothing in ({"decision": "APPROVE"}, {"id": "C1", "decision": "DELETE"}):
        await browser_like.post("/moderation", data=nothing)
    assert len(fake.decided) == 1


async def test_nobody_else_learns_of_the_queue(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.waits("New reader")
    fake.moderates = False
    await sign_in(browser_like)
    assert (await browser_like.get("/moderation")).status_code == 404
    refused = await browser_like.post("/moderation", data={"id": "C1", "decision": "APPROVE"})
    assert refused.status_code == 404
    assert fake.decided == []


@pytest.mark.parametrize("path", ["/comments/confirm", "/comments/unsubscribe"])
async def test_links_of_mails_ask_first(browser_like: httpx.AsyncClient, fake: FakeShop, path: str) -> None:
    asked = await browser_like.get(f"{path}?token=good")
    assert 'name="token" value="good"' in asked.text
    assert asked.headers["cache-control"] == "no-store"
    # Mail programs that look at links change nothing.
    assert not {"CommentUnsubscribe", "CommentSubscriptionConfirm"} & set(fake.operations)
    done = await browser_like.post(path, data={"token": "good"})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    refused = await browser_like.post(path, data={"token": "bad"})
    assert refused.status_code == 422
    assert "This link is not valid" in words(refused)


async def test_one_click_needs_no_page_and_no_redirect(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    click = {"List-Unsubscribe": "One-Click"}
    headers = {"Origin": "https://mail.example.com"}
    done = await browser_like.post("/comments/unsubscribe?token=good", data=click, headers=headers)
    assert (done.status_code, done.text) == (200, "You get no more of these mails.")
    assert fake.sent("CommentUnsubscribe") == {"token": "good"}
    refused = await browser_like.post("/comments/unsubscribe?token=bad", data=click, headers=headers)
    assert refused.status_code == 400


ATOM = "{http://www.w3.org/2005/Atom}"


async def test_comments_are_fed(browser_like: httpx.AsyncClient, fake: FakeShop) -> None:
    fake.say("One")
    fake.say("Two & <co>", bodyHtml="<p>a &amp; <b>b</b>\x0c</p>", createdAt="2026-03-02T12:00:00+00:00")
    for path, site, title in (
        ("/comments.xml", "http://shop.test", "Comments at Example Hair Clinic"),
        ("/pages/hair/comments.xml", "http://shop.test/pages/hair", "Comments on “Hair” at Example Hair Clinic"),
    ):
        feed = await browser_like.get(path)
        assert feed.headers["content-type"] == "application/atom+xml"
        tree_ = ET.fromstring(feed.content)
        assert tree_.findtext(f"{ATOM}id") == f"http://shop.test{path}"
        assert tree_.findtext(f"{ATOM}title") == title
        assert tree_.findtext(f"{ATOM}updated") == "2026-03-02T12:00:00+00:00"
        links = {link.get("rel"): link.get("href") for link in tree_.findall(f"{ATOM}link")}
        assert links == {"self": f"http://shop.test{path}", "alternate": site}
        two, one = tree_.findall(f"{ATOM}entry")
        assert two.findtext(f"{ATOM}title") == "Two & <co> on “Hair”"
        assert two.findtext(f"{ATOM}author/{ATOM}name") == "Two & <co>"
        assert two.findtext(f"{ATOM}id") == "http://shop.test/pages/hair#comment-2"
        assert two.findtext(f"{ATOM}content") == "<p>a &amp; <b>b</b></p>"
        assert one.findtext(f"{ATOM}updated") == "2026-03-01T12:00:00+00:00"
        same = await browser_like.get(path, headers={"If-None-Match": feed.headers["etag"]})
        assert (same.status_code, same.content) == (304, b"")
    assert (await browser_like.get("/pages/nothing/comments.xml")).status_code == 404


def test_an_empty_feed_is_a_feed() -> None:
    tree_ = ET.fromstring(atom.feed('http://shop.test/"&', "http://shop.test", "Nothing yet", []))
    assert tree_.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
    assert tree_.findall(f"{ATOM}entry") == []
