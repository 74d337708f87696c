"""WordPress's own export (WXR): posts and pages with their comments, and menus; attachments are known by their ids."""

from shop.exchange.readers.wordpress.reader import WordPress, is_export

__all__ = ["WordPress", "is_export"]
