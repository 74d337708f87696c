"""What is refused about a file."""

from shop.kit.errors import Invalid


class NotAnImage(Invalid):
    """The content is no picture of an accepted format, is damaged, or is too large to be opened safely."""

    code = "INVALID"
