"""The text of a post as WordPress stores it → plain HTML: shortcodes, blocks of its editor, and lines as paragraphs."""

import re
from collections.abc import Callable, Mapping
from html import escape
from typing import Final

# What is never closed goes on to the end; so every sign is looked at once, however many are left open.
_PROTECTED: Final = re.compile(
    r"(<pre\b.*?(?:</pre>|\Z)|<code\b.*?(?:</code>|\Z)|<script\b.*?(?:</script>|\Z)|<!--.*?(?:-->|\Z))",
    re.DOTALL | re.IGNORECASE,
)
_SILENT: Final = frozenset({"separator", "spacer", "more", "nextpage", "navigation"})
_SHORTCODE: Final = re.compile(r"(\[?)\[(/?)([A-Za-z][\w-]*)((?:[\s=/][^\[\]]*)?)\](\]?)")
_PICTURE: Final = re.compile(r"(?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\]]+))""")
_CAPTION: Final = re.compile(r"\[(?:wp_)?caption\b([^\[\]]*)\](.*?)(\[/(?:wp_)?caption\]|\Z)", re.DOTALL)
_EMBED: Final = re.compile(r"\[embed\b[^\[\]]*\](.*?)(\[/embed\]|\Z)", re.DOTALL)
_BLOCK_TAG: Final = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|header|hr|"
    "iframe|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul|video"
)
_BEFORE_BLOCK: Final = re.compile(rf"(<(?:{_BLOCK_TAG})\b[^<>]*>)", re.IGNORECASE)
_AFTER_BLOCK: Final = re.compile(rf"(</(?:{_BLOCK_TAG})>)", re.IGNORECASE)
# Stands for a piece that is not looked into; of the signs that nobody writes.
_PLACE: Final = re.compile("\ue000(\\d+)\ue001")
_STARTS_BLOCK: Final = re.compile(rf"\s*</?(?:{_BLOCK_TAG})\b", re.IGNORECASE)
_REUSED: Final = re.compile(r'<!--\s*wp:block\s+\{"ref":\s*(\d+)[^}]*\}\s*/-->')
# Beside the file's name, a second link to the same file.
_DOWNLOAD: Final = re.compile(r"<a\b[^<>]*\bwp-block-file__button\b[^<>]*>[^<>]*</a>", re.IGNORECASE)
_BLOCK: Final = re.compile(r"<!--\s*wp:([\w/-]+)(.*?)(?:-->|\Z)", re.DOTALL)
# What WordPress itself has, and what is only a word in brackets when it stands alone.
_ALONE: Final = frozenset({"gallery", "audio", "video", "playlist", "embed", "caption"})

Attachments = Mapping[str, str]


def html_of(text: str, attachments: Attachments, reused: Mapping[str, str], notes: list[str]) -> str:
    """The post as HTML. `attachments`: addresses of files by their ids; `reused`: texts of the editor's shared blocks.

    What cannot be kept is told in `notes`; the text inside of it stays.
    """
    text = text.replace("\r\n", "\n")
    text = _REUSED.sub(lambda found: reused.get(found[1], found[0]), text)
    text = _DOWNLOAD.sub("", text)
    is_of_blocks = "<!-- wp:" in text
    made_there = dict.fromkeys(
        name for name, rest in _BLOCK.findall(text) if rest.endswith("/") and name not in _SILENT
    )
    notes += [f"the block {name} is made by WordPress when it is shown, and left out" for name in made_there]
    text = _outside(text, lambda part: _shortcodes(part, attachments, notes))
    return text if is_of_blocks else _paragraphs(text)


def _outside(text: str, change: Callable[[str], str]) -> str:
    """The text with what is no code and no comment changed."""
    pieces = _PROTECTED.split(text)
    return "".join(piece if at % 2 else change(piece) for at, piece in enumerate(pieces))


def _shortcodes(text: str, attachments: Attachments, notes: list[str]) -> str:
    text = _CAPTION.sub(_caption, text)
    text = _EMBED.sub(lambda found: f"\n\n{found[1].strip()}\n\n" if found[2] else found[0], text)
    closed = {found[3] for found in _SHORTCODE.finditer(text) if found[2]}

    def made(found: re.Match[str]) -> str:
        opening, slash, name, said, closing = found.groups()
        if opening and closing:
            # Written twice, it is meant to be read.
            return found[0][1:-1]
        attributes: dict[str, str] = {key: a or b or c for key, a, b, c in _ATTRIBUTE.findall(said)}
        is_one = bool(slash or attributes) or name in closed or name in _ALONE or "_" in name or "-" in name
        if not is_one:
            return found[0]
        kept = _known(name, attributes, attachments) if not slash else ""
        note = f"the shortcode [{name}] is not known here; the text inside of it is kept"
        if kept is None and note not in notes:
            notes.append(note)
        return f"{opening}{kept or ''}{closing}"

    return _SHORTCODE.sub(made, text)


def _caption(found: re.Match[str]) -> str:
    if not found[3]:
        return found[0]
    inner = found[2].strip()
    picture = _PICTURE.match(inner)
    if picture is None:
        return inner
    said = {key: a or b or c for key, a, b, c in _ATTRIBUTE.findall(found[1])}
    caption = inner[picture.end() :].strip() or escape(said.get("caption", ""))
    words = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"\n\n<figure>{picture[0]}{words}</figure>\n\n"


def _known(name: str, attributes: Mapping[str, str], attachments: Attachments) -> str | None:
    """What WordPress makes of one of its own shortcodes; None for those of plugins."""
    if name in {"gallery", "playlist"}:
        ids = [key.strip() for key in attributes.get("ids", "").split(",")]
        found = [attachments[key] for key in ids if key in attachments]
        return "\n\n" + "".join(f'<figure><img src="{escape(url)}" alt=""></figure>' for url in found) + "\n\n"
    if name in {"audio", "video"}:
        url = next(
            (value for key, value in attributes.items() if key in {"src", "mp4", "mp3", "m4a", "webm", "ogg"}), ""
        )
        return f'\n\n<a href="{escape(url)}">{escape(url)}</a>\n\n' if url else ""
    if name in {"caption", "wp_caption", "embed"}:
        return ""
    return None


def _paragraphs(text: str) -> str:
    """Empty lines part paragraphs and single ones break lines, as WordPress shows posts of its older editor."""
    kept = _PROTECTED.split(_PLACE.sub("", text))
    made = "".join(_place(at, piece) if at % 2 else piece for at, piece in enumerate(kept))
    made = _AFTER_BLOCK.sub(r"\1\n\n", _BEFORE_BLOCK.sub(r"\n\n\1", made))
    made = "\n".join(_paragraph(chunk.strip()) for chunk in re.split(r"\n\s*\n", made) if chunk.strip())
    return _PLACE.sub(lambda found: kept[int(found[1])], made)


def _place(at: int, piece: str) -> str:
    mark = f"\ue000{at}\ue001"
    return mark if piece.lower().startswith("<code") else f"\n\n{mark}\n\n"


def _paragraph(chunk: str) -> str:
    stands_alone = _STARTS_BLOCK.match(chunk) or _PLACE.fullmatch(chunk)
    return chunk if stands_alone else f"<p>{chunk.replace(chr(10), '<br>')}</p>"
