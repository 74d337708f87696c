"""The explorer's lessons, one after the other at the running demo, as its page sends them: each is answered."""

import re
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg

from shop.accounts.actions import hash_password
from shop.kit import clock
from shop.kit.resources import graphql_folder
from shop.web.lessons import Lesson, chapters
from tests.journeys.running import DOCUMENTS, Shopper

LESSONS = {lesson.name: lesson for chapter in chapters(graphql_folder()) for lesson in chapter.documents}
KEEPERS = {thing: lesson for lesson in LESSONS.values() for thing in lesson.keeps}
PASSWORD = "a password of the demo's staff"


@dataclass
class Thing:
    """What a reply brought, and the values of others that it was made with."""

    value: Any
    made: dict[str, Any]


@dataclass
class Tab:
    """An open explorer: what replies brought, and the tokens of mails that are used up."""

    shopper: Shopper
    things: dict[str, Thing] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    def is_good(self, name: str) -> bool:
        """Whether it is known, and what it was made with still is."""
        thing = self.things.get(name)
        return thing is not None and all(
            self.is_good(other) and self.things[other].value == value for other, value in thing.made.items()
        )

    def missing(self, lesson: Lesson) -> Iterator[Lesson]:
        """What has to be asked for before."""
        for name in lesson.needs:
            if not self.is_good(name):
                yield KEEPERS[name]
        for name in lesson.after:
            if not self.is_good(name):
                yield LESSONS[name]

    async def run(self, lesson: Lesson) -> None:
        """The lesson was answered without errors, and so was what it needs."""
        while (first := next(self.missing(lesson), None)) is not None:
            await self.run(first)
        made = {name: self.things[name].value for name in lesson.after}
        variables = await self.filled(lesson.variables, made)
        headers = {"Authorization": await self.filled(f"Bearer {{{{{lesson.whose}}}}}", made)} if lesson.whose else {}
        answer = await self.shopper.client.post(
            f"{self.shopper.running.url}/graphql/",
            json={"query": DOCUMENTS[lesson.saved].text, "variables": variables},
            headers=headers,
        )
        body = answer.json()
        assert (answer.status_code, body.get("errors")) == (200, None), (lesson.name, body)
        payloads = [payload for payload in body["data"].values() if isinstance(payload, dict)]
        wrong = [payload["errors"] for payload in payloads if payload.get("errors")]
        assert wrong == [], (lesson.name, variables)
        self.answered.add(lesson.name)
        for name in lesson.forgets:
            self.things.pop(name, None)
        if lesson.forgets and "token" in variables:
            self.used.add(variables["token"])
        made = {name: value for name, value in made.items() if self.is_good(name) and self.things[name].value == value}
        self.things[lesson.name] = Thing(uuid.uuid4(), made)
        for name, path in lesson.keeps.items():
            self.things[name] = Thing(_at(body["data"], path), made)
            assert self.things[name].value, (lesson.name, name, body)
        if lesson.name == "TransactionInitialize":
            self.shopper.page = body["data"]["transactionInitialize"]["data"]["checkoutSession"]["url"]
            await self.shopper.pay()

    async def filled(self, value: Any, made: dict[str, Any]) -> Any:
        """The value with what stands for its placeholders; `made` gets the things among them."""
        if isinstance(value, list):
            return [await self.filled(each, made) for each in value]
        if isinstance(value, dict):
            return {key: await self.filled(each, made) for key, each in value.items()}
        if not isinstance(value, str):
            return value
        for name in re.findall(r"\{\{([^}]+)\}\}", value):
            value = value.replace(f"{{{{{name}}}}}", await self.value_of(name))
            if name in self.things:
                made[name] = self.things[name].value
        return value

    async def value_of(self, name: str) -> str:
        """What stands for a name in braces."""
        kind, _, word = name.partition(" ")
        if name == "fresh email" and name not in self.things:
            self.things[name] = Thing(f"explorer-{uuid.uuid4().hex[:8]}@example.com", {})
        if name in self.things:
            return str(self.things[name].value)
        built_in: Mapping[str, Any] = {"origin": self.shopper.running.url, "password": PASSWORD}
        if name in built_in:
            return str(built_in[name])
        if kind == "mail":
            return await self.token_of_mail(word)
        at = clock.now() + timedelta(days=int(word))
        return at.date().isoformat() if kind == "day" else at.isoformat()

    async def token_of_mail(self, path: str) -> str:
        """The token of the newest mail whose link leads there; a job of the worker writes it."""
        to = await self.value_of("fresh email")
        ends = time.monotonic() + 20
        while time.monotonic() < ends:
            page = (await self.shopper.client.get(f"{self.shopper.running.url}/mailbox")).text
            ours = [mail for mail in re.findall(r"<article>.*?</article>", page, re.DOTALL) if to in mail]
            links = [urlsplit(unescape(link)) for mail in ours for link in re.findall(r"https?://[^\s<]+", mail)]
            tokens = [
                (parse_qs(link.query).get("token") or [link.path.removeprefix(path)])[0]
                for link in links
                if link.path.startswith(path)
            ]
            if found := [token for token in tokens if token not in self.used]:
                return found[0]
        raise AssertionError(f"no mail to {to} leads to {path}")


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[-1 if part == "last" else int(part)] if isinstance(value, list) else value[part]
    return value


async def test_every_lesson_is_answered(american: Shopper, shop_database: psycopg.Connection) -> None:
    shop_database.execute(
        "UPDATE account_user SET password_hash = %s WHERE email = 'admin@example.com'", [await hash_password(PASSWORD)]
    )
    tab = Tab(american)
    for lesson in LESSONS.values():
        await tab.run(lesson)
    assert tab.answered == set(LESSONS)
