"""What stops an import as a whole. What is wrong with a single page, comment or picture stands in the report."""

from shop.kit.errors import Invalid


class UnreadableSource(Invalid):
    """The file is not what it should be: not readable at all, or of another kind."""


class NotFetched(Invalid):
    """A picture that is not taken from where it is, with the reason."""
