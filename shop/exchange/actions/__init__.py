"""Writes what was read: pages, comments, menus and pictures, each found again by its key."""

from shop.exchange.actions.comments import write_comments
from shop.exchange.actions.media import known_pictures, store_picture
from shop.exchange.actions.menus import write_menu
from shop.exchange.actions.pages import write_pages
from shop.exchange.actions.records import begin

__all__ = ["begin", "known_pictures", "store_picture", "write_comments", "write_menu", "write_pages"]
