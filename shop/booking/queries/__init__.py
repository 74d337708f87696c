"""Reads of appointments: statements for many keys at once, and functions over them that decide nothing."""

from shop.booking.queries.calendars import books
from shop.booking.queries.rows import Rows, of
from shop.booking.queries.taken import taken

__all__ = ["Rows", "books", "of", "taken"]
