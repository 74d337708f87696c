"""Articles, menus and comments of other systems, brought in and written out again.

The formats themselves are pure functions of `shop.content.formats`; pages, menus and comments are written by the
actions of their own rooms. Here lives what ties them together: readers, records of what came from where, and files.
"""
