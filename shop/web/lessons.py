"""`graphql/explorer.yaml`: the saved documents as lessons, in the order in which they teach, with variables to send."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field

from shop.storefront.documents import Documents

FILE: Final = "explorer.yaml"
# What the explorer knows by itself; everything else in double braces is kept of an earlier reply, or typed.
_BUILT_IN: Final = re.compile(r"origin|fresh email|(?:day|time) \d+|mail /\S*")
_PLACEHOLDER: Final = re.compile(r"\{\{([^}]+)\}\}")
# What a person has to type.
TYPED: Final = frozenset({"password"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Lesson(_Strict):
    """A document, what is sent with it, and what of its reply others need."""

    name: str
    document: str = ""
    note: str = ""
    variables: dict[str, Any] = {}
    keeps: dict[str, str] = {}
    forgets: list[str] = []
    after: list[str] = []
    whose: Annotated[str | None, Field(alias="as")] = None

    @property
    def saved(self) -> str:
        """The name of the document in `operations/`."""
        return self.document or self.name

    @property
    def needs(self) -> list[str]:
        """The things that earlier replies have to bring."""
        found = [*_PLACEHOLDER.findall(str(self.variables)), *([self.whose] if self.whose else [])]
        return [name for name in dict.fromkeys(found) if not _BUILT_IN.fullmatch(name) and name not in TYPED]


class Chapter(_Strict):
    """Lessons about one matter."""

    title: str
    about: str
    documents: list[Lesson]


def chapters(folder: Path) -> list[Chapter]:
    """The lessons of a folder that holds `explorer.yaml`."""
    return [Chapter(**each) for each in yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))]


def page_data(folder: Path) -> list[dict[str, Any]]:
    """What the page is made of: the chapters, each lesson with its document's text and first comment."""
    documents = Documents(folder)
    return [
        {"title": chapter.title, "about": chapter.about, "lessons": list(_lessons(chapter, documents))}
        for chapter in chapters(folder)
    ]


def _lessons(chapter: Chapter, documents: Documents) -> Iterator[dict[str, Any]]:
    for lesson in chapter.documents:
        saved = documents[lesson.saved]
        yield lesson.model_dump(exclude={"document"}) | {"purpose": saved.purpose, "query": saved.text}
