"""Lists of an HTML document → the data of list blocks: nested, numbered, with boxes to tick, and of definitions."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from shop.content.formats.inline import inline
from shop.content.formats.tree import Element, Node, parse
from shop.content.rules import plain
from shop.content.rules.writing import DEEPEST_LIST

LISTS: Final = ("ul", "ol", "menu", "dir")
_BOXES: Final = {"☐": False, "☑": True, "☒": True}

Item = dict[str, Any]


def list_data(element: Element) -> dict[str, Any] | None:
    """The data of the block; None where nothing is written in the list.

    Without inner lists the items are plain texts, as all clients read them.
    """
    items = _items(element, 1)
    if not items:
        return None
    boxes = [item.pop("box") for item in _all(items)]
    if all(box is not None for box in boxes):
        for item, box in zip(_all(items), boxes, strict=True):
            item["meta"] = {"checked": box}
        return {"style": "checklist", "items": items}
    for item, box in zip(_all(items), boxes, strict=True):
        if box is not None:
            item["content"] = f"{'☑' if box else '☐'} {item['content']}"
    is_flat = not any(item["items"] for item in items)
    data: dict[str, Any] = {
        "style": "ordered" if element.tag == "ol" else "unordered",
        "items": [item["content"] for item in items] if is_flat else items,
    }
    if element.tag == "ol" and (start := number(element.attributes.get("start"))) > 1:
        data["meta"] = {"start": start}
    return data


def is_mixed(element: Element) -> bool:
    """Whether it holds a list of the other kind: a block has numbers or bullets on all its levels."""
    others = [tag for tag in LISTS if (tag == "ol") != (element.tag == "ol")]
    return element.has(*others)


def definition_data(element: Element) -> dict[str, Any] | None:
    """The data of a list of terms, each with its meanings on the lines below it."""
    items: list[str] = []
    for part in element.all("dt", "dd"):
        # Its own terms and meanings follow.
        text = "" if part.has("dt", "dd") else inline(part.children)
        if not plain(text):
            continue
        if part.tag == "dt":
            items.append(f"<b>{text}</b>")
        elif items:
            items[-1] += f"<br>{text}"
        else:
            items.append(text)
    return {"style": "unordered", "items": [inline(parse(item).children) for item in items]} if items else None


def number(value: str | None) -> int:
    """A small whole number of an attribute; 0 for everything else."""
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 7 else 0


def _items(element: Element, depth: int) -> list[Item]:
    items: list[Item] = []
    for child in element.children:
        if isinstance(child, str) or child.tag == "li":
            _add(items, [child] if isinstance(child, str) else child.children, depth)
        elif child.tag in LISTS:
            _nest(items, child, depth)
        elif child.has("li"):
            items += _items(child, depth)
        else:
            _add(items, [child], depth)
    return items


def _add(items: list[Item], nodes: list[Node], depth: int) -> None:
    """The entry joins the items; what stands behind its inner list is an entry of its own, to keep the order."""
    for part in _around_lists(nodes):
        if isinstance(part, Element):
            _nest(items, part, depth)
            continue
        text, box = _unboxed(inline(part), part)
        if plain(text) or box is not None:
            items.append({"content": text, "items": [], "box": box})


def _nest(items: list[Item], element: Element, depth: int) -> None:
    if not items or depth >= DEEPEST_LIST:
        items += _items(element, depth)
    else:
        items[-1]["items"] += _items(element, depth + 1)


def _around_lists(nodes: Iterable[Node]) -> Iterator[Element | list[Node]]:
    """The texts of an entry and the lists inside of it, in their order."""
    run: list[Node] = []
    for node in nodes:
        if isinstance(node, str) or (node.tag not in LISTS and not node.has(*LISTS)):
            run.append(node)
            continue
        if run:
            yield run
            run = []
        if node.tag in LISTS:
            yield node
        else:
            yield from _around_lists(node.children)
    if run:
        yield run


def _all(items: list[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _all(item["items"])


def _unboxed(text: str, nodes: list[Node]) -> tuple[str, bool | None]:
    """The text without the box before it, and whether that is ticked; None where there is no box."""
    if text[:1] in _BOXES:
        return text[1:].strip(), _BOXES[text[:1]]
    box = next(
        (each for each in Element("", {}, nodes).all("input") if each.attributes.get("type") == "checkbox"), None
    )
    return text, None if box is None else "checked" in box.attributes
