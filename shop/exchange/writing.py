"""What an export writes: pages as files that people read and an import reads back, menus and comments."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final, Literal

import orjson
import yaml

from shop.content.formats import to_markdown
from shop.exchange.rules import TOLD, digest

Format = Literal["markdown", "json"]
SUFFIXES: Final[Mapping[Format, str]] = {"markdown": ".md", "json": ".json"}
_PRIVATE: Final = ("email", "address", "agent")


def page_file(page: Mapping[str, Any], form: Format) -> bytes:
    """The page with what is said of it, as Markdown under its front matter or as JSON with its very blocks.

    `exported` is what it looks like now: an import that finds it so may write it over, since nobody edited it between.
    """
    said = {"title": page["title"], "slug": page["slug"], "type": page["type"], "published": page["is_published"]}
    said |= {name: page[name] for name in ("published_at", "unpublished_at") if page[name] is not None}
    said |= {name: page[name] for name in TOLD if page[name] not in (None, "", False)}
    said |= {"metadata": page["metadata"]} if page["metadata"] else {}
    said |= {"addresses": page["addresses"]} if page["addresses"] else {}
    said |= {"exported": digest(page)}
    if form == "json":
        return orjson.dumps(said | {"content": page["content"]}, option=orjson.OPT_INDENT_2) + b"\n"
    head = yaml.safe_dump(said, allow_unicode=True, sort_keys=False, width=100)
    return f"---\n{head}---\n\n{to_markdown(page['content'])}".encode()


def menus_file(menus: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]]) -> bytes:
    """The menus in the form that shop files have for them."""
    below: dict[tuple[int, int | None], list[Mapping[str, Any]]] = {}
    for item in items:
        below.setdefault((item["menu_id"], item["parent_id"]), []).append(item)

    def tree(menu_id: int, parent_id: int | None) -> list[dict[str, Any]]:
        return [
            {name: item[name] for name in ("name", "url", "category", "collection", "page") if item[name] is not None}
            | ({"items": inner} if (inner := tree(menu_id, item["id"])) else {})
            for item in below.get((menu_id, parent_id), [])
        ]

    said = [{"slug": menu["slug"], "name": menu["name"], "items": tree(menu["id"], None)} for menu in menus]
    return yaml.safe_dump({"menus": said}, allow_unicode=True, sort_keys=False, width=100).encode()


def comment_line(comment: Mapping[str, Any], *, private: bool) -> bytes:
    """A comment as a line of JSON; who wrote it can be reached or traced by it only where that is asked for."""
    said = {
        name: value.isoformat() if isinstance(value, datetime | date) else value
        for name, value in comment.items()
        if (private or name not in _PRIVATE) and value not in (None, False)
    }
    return orjson.dumps(said) + b"\n"
