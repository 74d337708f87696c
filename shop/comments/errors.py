"""What can go wrong with comments, by CommentErrorCode."""

from shop.kit.errors import Conflict, Invalid, NotFound


class CommentNotFound(NotFound):
    """There is no such comment, or it is not the caller's: the same answer for both."""

    def __init__(self, field: str = "id") -> None:
        super().__init__("There is no such comment.", field=field)


class PageNotFound(NotFound):
    """There is no such page, or nobody may read it."""

    def __init__(self) -> None:
        super().__init__("There is no such page.", field="page")


class Closed(Conflict):
    """The page takes no comments (any more)."""

    code = "CLOSED"

    def __init__(self) -> None:
        super().__init__("Comments are closed here.", field="page")


class ThreadFull(Conflict):
    """The answer would be too deep, or the thread is as long as one can be."""

    code = "THREAD_FULL"

    def __init__(self) -> None:
        super().__init__("This thread takes no more answers. Please begin a new one.", field="parent")


class Required(Invalid):
    """A field that may not be empty is."""

    code = "REQUIRED"

    def __init__(self, field: str) -> None:
        super().__init__("This field is required.", field=field)


class TooLong(Invalid):
    """A text is longer than anybody reads."""

    def __init__(self, field: str, most: int) -> None:
        super().__init__(f"At most {most} characters, please.", field=field)


class BadWebsite(Invalid):
    """The website is no address that a browser should be sent to."""

    def __init__(self) -> None:
        super().__init__("Enter the address of a website, such as https://example.com.", field="website")


class IsDeleted(Conflict):
    """Nothing is left of a deleted comment that could be shown again."""

    code = "INVALID_STATE"

    def __init__(self) -> None:
        super().__init__("A deleted comment stays deleted.", field="ids")


class LinkRefused(Invalid):
    """A mailed link that is malformed, another's, or over: one answer for all of them."""

    def __init__(self) -> None:
        super().__init__("This link is not valid (any more).", field="token")
