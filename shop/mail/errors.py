"""What can go wrong with a mail."""

from shop.kit.errors import Unavailable


class MailUndelivered(Unavailable):
    """The mail server refused or did not answer; the job tries again."""
