"""Articles of other systems to blocks and back: pure functions, which the import and the export of pages call.

Blocks → HTML is `shop.content.rules.render`, the one that shows pages: nothing here writes HTML a second time.
"""

from shop.content.formats.as_markdown import to_markdown
from shop.content.formats.converted import EDITORJS_VERSION, NO_PICTURES, Converted, Pictures
from shop.content.formats.html import from_html, picture_addresses
from shop.content.formats.markdown import from_markdown, markdown_picture_addresses

__all__ = [
    "EDITORJS_VERSION",
    "NO_PICTURES",
    "Converted",
    "Pictures",
    "from_html",
    "from_markdown",
    "markdown_picture_addresses",
    "picture_addresses",
    "to_markdown",
]
