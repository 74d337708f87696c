"""What accounts tell the slices above them."""

from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class MailboxProved(Event):
    """One and the same person has proved to read the mailbox and to know, or have just chosen, the password.

    Only then what was done under that e-mail without an account may become the user's: whoever registers with
    somebody else's e-mail can have its owner click the link, and whoever reads a mailbox need not know the password.
    """

    user_id: int
    email: str
