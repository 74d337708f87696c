"""Articles of other systems to blocks and back: pure functions, which the import and the export of pages call.

Blocks → HTML is `shop.content.rules.render`, the one that shows pages: nothing here writes HTML a second time.
"""

from shop.content.formats.converted import NO_PICTURES, Converted, Pictures
from shop.content.formats.html import from_html, picture_addresses

__all__ = ["NO_PICTURES", "Converted", "Pictures", "from_html", "picture_addresses"]
