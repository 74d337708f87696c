"""How the demo shop looks: its own templates and files, and before them those of a theme, which is one folder.

A theme's `templates/` take the place of ours by their names; `shop/` before a name means ours, so that a template can
extend the one that it replaces. Its `static/` files likewise; `theme.css` among them is read after our style sheet.
"""

import hashlib
from pathlib import Path
from typing import Final

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader

_STATIC: Final = Path(__file__).parent / "static"
_STYLES: Final = ("storefront.css", "theme.css")


class Theme:
    """The files of the demo shop, and of the theme in `folder` where there is one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._addresses = {
            path.name: f"/static/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
            for static in reversed(self.folders)
            for path in static.iterdir()
            if path.is_file()
        }

    @property
    def folders(self) -> list[Path]:
        """Where files are looked for, in this order."""
        own = self._folder / "static" if self._folder is not None else None
        return [own, _STATIC] if own is not None and own.is_dir() else [_STATIC]

    @property
    def loader(self) -> BaseLoader:
        """Where templates are looked for."""
        ours = PackageLoader("shop.storefront")
        loaders: list[BaseLoader] = [ours, PrefixLoader({"shop": ours})]
        if self._folder is not None:
            loaders.insert(0, FileSystemLoader(self._folder / "templates"))
        return ChoiceLoader(loaders)

    @property
    def styles(self) -> list[str]:
        """The addresses of the style sheets, in the order in which they count."""
        return [self._addresses[name] for name in _STYLES if name in self._addresses]

    def address(self, name: str) -> str:
        """The address of a file; a changed file gets a new one."""
        return self._addresses[name]
