"""Reads of appointments: statements for many keys at once, and functions over them that decide nothing."""

from shop.booking.queries.calendars import Taken, books, books_by_variant, taken
from shop.booking.queries.rows import Rows, of

__all__ = ["Rows", "Taken", "books", "books_by_variant", "of", "taken"]
