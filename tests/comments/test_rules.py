"""What comments are made of, and what is thought of them."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shop.comments import rules, tokens
from shop.comments.errors import BadWebsite, LinkRefused
from shop.comments.rules import Policy, Reason, Signals, Verdict

SECRET = "a secret of thirty-two characters"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = Policy(frozenset({"article"}), timedelta(days=365), most_links=1, held_words=("casino",), holds_all=False)
FINE = Signals(
    in_trap=False,
    has_form=True,
    form_age=timedelta(seconds=30),
    links=1,
    has_held_word=False,
    is_repeated=False,
    is_known_author=True,
)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Plain words.", "<p>Plain words.</p>"),
        ("  one\r\n\r\n\r\n\r\ntwo \nthree\n", "<p>one</p><p>two<br>three</p>"),
        ("1 < 2 & 3 > 2", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>"),
        ("<b>bold</b> <i>x</i> <code>y</code>", "<p><b>bold</b> <i>x</i> <code>y</code></p>"),
        (
            '<a href="https://example.com" title="x" onclick="y()">there</a>',
            '<p><a href="https://example.com" rel="nofollow ugc noopener">there</a></p>',
        ),
        ('<a href="javascript:alert(1)">there</a>', '<p><a rel="nofollow ugc noopener">there</a></p>'),
        ("a<script>alert(1)</script>b<style>x{}</style>", "<p>ab</p>"),
        ('<img src=x onerror="alert(1)">seen', "<p>seen</p>"),
        ("<h1>loud</h1><p>quiet</p>", "<p>loudquiet</p>"),
        ("<b>open\n\nstill", "<p><b>open</b></p><p><b>still</b></p>"),
        ("turned \u202eround\u202c \u200bhere\x07", "<p>turned round here</p>"),
        ("spelt &#8238;out&#x202c;", "<p>spelt out</p>"),
        ("<b></b>", ""),
        (" \n ", ""),
        ("<!-- nothing -->", ""),
    ],
)
def test_bodies_keep_few_tags(typed: str, shown: str) -> None:
    assert rules.rendered(rules.cleaned(typed)) == shown


@settings(deadline=None)
@given(st.text(alphabet="<>/ab\"'= \n&;iscrpthrefj:", max_size=60))
def test_what_is_stored_stays_as_it_is_and_holds_no_other_tag(typed: str) -> None:
    stored = rules.cleaned(typed)
    assert rules.cleaned(stored) == stored
    shown = rules.rendered(stored).lower()
    assert "<script" not in shown
    assert 'href="javascript' not in shown
    assert not {part.split(">")[0].split()[0].strip("/") for part in shown.split("<")[1:] if part} - {
        *("p", "br", "a", "b", "strong", "i", "em", "code")
    }


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Example  reader\nA", "Example reader A"),
        ("<script>x</script>Reader", "Reader"),
        ("<b>Reader</b> & co", "Reader & co"),
        ("&lt;script&gt;Reader", "scriptReader"),
        ("\u202eredaer", "redaer"),
        ("\t", ""),
    ],
)
def test_names_are_one_line_without_tags(typed: str, stored: str) -> None:
    assert rules.name_of(typed) == stored


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", None),
        ("  ", None),
        ("example.com", "https://example.com"),
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c#d"),
        ("HTTP://EXAMPLE.COM", "http://EXAMPLE.COM"),
        ("http://example.com:8080", "http://example.com:8080"),
    ],
)
def test_websites_are_http(typed: str, stored: str | None) -> None:
    assert rules.website_of(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        *("javascript:alert(1)", "javascript://example.com/%0aalert(1)", "data:text/html,x", "ftp://example.com"),
        *("//example.com", "https://", "localhost", "https://user@example.com", "https://exa mple.com", "https://."),
        *('https://example.com/"><b>', "https://example.com:x", "https://[", "https://exämple.com", "mailto:a@b.c"),
        f"https://example.com/{'x' * 200}",
    ],
)
def test_other_websites_are_refused(typed: str) -> None:
    with pytest.raises(BadWebsite):
        rules.website_of(typed)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Verdict("APPROVED")),
        ({"in_trap": True, "is_known_author": False}, Verdict("SPAM", (Reason.TRAP,))),
        ({"has_form": False, "form_age": None}, Verdict("PENDING", (Reason.NO_FORM,))),
        ({"form_age": None}, Verdict("PENDING", (Reason.OLD_FORM,))),
        ({"form_age": timedelta(seconds=2.9)}, Verdict("PENDING", (Reason.TOO_FAST,))),
        ({"form_age": timedelta(seconds=3)}, Verdict("APPROVED")),
        ({"links": 2}, Verdict("PENDING", (Reason.LINKS,))),
        ({"has_held_word": True}, Verdict("PENDING", (Reason.WORDS,))),
        ({"is_repeated": True}, Verdict("PENDING", (Reason.REPEATED,))),
        ({"is_known_author": False}, Verdict("PENDING", (Reason.FIRST_COMMENT,))),
        ({"links": 5, "is_known_author": False}, Verdict("PENDING", (Reason.LINKS, Reason.FIRST_COMMENT))),
    ],
)
def test_what_gives_a_comment_away(changes: dict[str, Any], verdict: Verdict) -> None:
    values = {name: getattr(FINE, name) for name in Signals.__dataclass_fields__}
    assert rules.judge(Signals(**values | changes), POLICY) == verdict


def test_a_shop_may_look_at_every_comment() -> None:
    every = Policy(POLICY.page_types, None, most_links=1, held_words=(), holds_all=True)
    assert rules.judge(FINE, every) == Verdict("PENDING", (Reason.ALL_ARE_HELD,))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("no link, 1//2 is none", 1),
        ("nothing", 0),
        ("https://example.com and www.example.com", 2),
        ('<a href="https://example.com">x</a> [url=http://example.com]', 2),
        ("HTTP://EXAMPLE.COM", 1),
    ],
)
def test_links_are_counted_as_they_are_typed(text: str, count: int) -> None:
    assert rules.links(text) == count


def test_words_stand_by_themselves() -> None:
    words = ("casino", "payday loan", "c++")
    assert rules.holds_word(words, "The CASINO!", "")
    assert rules.holds_word(words, "", "a payday loan")
    assert rules.holds_word(words, "in c++ only")
    assert not rules.holds_word(words, "casinos in Casinoville; payday; loan")
    assert not rules.holds_word((), "casino")


def test_the_same_words_are_recognised() -> None:
    assert rules.digest("Great <b>post</b>!") == rules.digest("great   post")
    assert rules.digest("Great post") != rules.digest("Great posts")
    # Of signs alone, not all are the same.
    assert rules.digest("!!!") != rules.digest("???")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("", None),
        ("unix:", None),
    ],
)
def test_addresses_lose_their_end(address: str, network: str | None) -> None:
    assert rules.truncated(address) == network


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Example reader A", "EA"),
        ("reader", "R"),
        ("(x) [y]", "XY"),
        ("—", "?"),
        ("", "?"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert rules.initials(name) == letters
    assert 0 <= rules.shade(name) < 8
    assert rules.shade(name) == rules.shade(name.upper())


def test_excerpts_end_between_words() -> None:
    assert rules.excerpt("<b>one</b>\n\ntwo") == "one two"
    assert rules.excerpt("one two three", 9) == "one two …"
    assert rules.excerpt("x" * 20, 9) == "xxxxxxxxx …"


def test_a_form_s_token_tells_its_age() -> None:
    token = tokens.form_token(SECRET, 7, now=NOW)
    assert tokens.form_age(SECRET, token, 7, now=NOW + timedelta(seconds=5)) == timedelta(seconds=5)
    assert tokens.form_age(SECRET, token, 7, now=NOW + timedelta(days=1)) == timedelta(days=1)
    for wrong in (
        tokens.form_age(SECRET, token, 8, now=NOW),
        tokens.form_age("another secret, as long as the one", token, 7, now=NOW),
        tokens.form_age(SECRET, token, 7, now=NOW + timedelta(days=1, seconds=1)),
        tokens.form_age(SECRET, token, 7, now=NOW - timedelta(seconds=1)),
        tokens.form_age(SECRET, token.replace("7.", "8.", 1), 8, now=NOW),
        tokens.form_age(SECRET, "", 7, now=NOW),
        tokens.form_age(SECRET, "x~y~ü", 7, now=NOW),
    ):
        assert wrong is None


def test_tokens_of_mails_are_for_one_purpose() -> None:
    key = uuid.uuid4()
    agree, leave = tokens.confirm_token(SECRET, key, now=NOW), tokens.unsubscribe_token(SECRET, key)
    assert tokens.confirmed(SECRET, agree, now=NOW) == key
    assert tokens.unsubscribed(SECRET, leave) == key
    with pytest.raises(LinkRefused):
        tokens.confirmed(SECRET, leave, now=NOW)
    with pytest.raises(LinkRefused):
        tokens.unsubscribed(SECRET, agree)
    with pytest.raises(LinkRefused):
        tokens.confirmed(SECRET, agree, now=NOW + timedelta(days=7))
