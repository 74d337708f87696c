"""The addresses of the shop's own pictures: stored as paths, and told with the host, for readers who live elsewhere."""

from collections.abc import Mapping
from typing import Any, Final

from shop.content.rules.kinds import attribute

_OURS: Final = "/media/"


def with_host(content: Mapping[str, Any], base: str) -> dict[str, Any]:
    """The document as readers on other hosts need it: its own pictures have the address of this shop before them."""
    return _readdressed(content, _OURS, base + _OURS)


def without_host(content: Any, base: str) -> Any:
    """The document as it is stored, so that the shop can move to another host. What is no document stays as it is."""
    return _readdressed(content, base + _OURS, _OURS) if isinstance(content, dict) else content


def html_with_host(html: str, base: str) -> str:
    """The same for a document that was rendered: no other text of it can hold a tag.

    `base` is escaped: where no public address is set, it is what the request called us.
    """
    return html.replace(f'<img src="{_OURS}', f'<img src="{attribute(base)}{_OURS}')


def _readdressed(content: Mapping[str, Any], before: str, after: str) -> dict[str, Any]:
    blocks = content.get("blocks")
    if not isinstance(blocks, list):
        return dict(content)
    return {**content, "blocks": [_block(block, before, after) for block in blocks]}


def _block(block: Any, before: str, after: str) -> Any:
    if not isinstance(block, dict) or block.get("type") != "image" or not isinstance(block.get("data"), dict):
        return block
    data = block["data"]
    file = data.get("file")
    if isinstance(file, dict):
        return {**block, "data": {**data, "file": _addressed(file, before, after)}}
    return {**block, "data": _addressed(data, before, after)}


def _addressed(data: Mapping[str, Any], before: str, after: str) -> dict[str, Any]:
    url = data.get("url")
    if not isinstance(url, str) or not url.startswith(before):
        return dict(data)
    return {**data, "url": after + url.removeprefix(before)}
