"""What accounts tell the slices above them."""

from dataclasses import dataclass

from shop.kit.events import Event


@dataclass(frozen=True, slots=True)
class AccountDeleted(Event):
    """The owner of the account, who has proved to read its mailbox, has it deleted: what else is theirs goes with it.

    Published before the user's row is gone, so that its foreign keys still lead to what is theirs.
    """

    user_id: int
    email: str


@dataclass(frozen=True, slots=True)
class MailboxProved(Event):
    """One and the same person has proved to read the mailbox and to know, or have just chosen, the password.

    Only then what was done under that e-mail without an account may become the user's: whoever registers with
    somebody else's e-mail can have its owner click the link, and whoever reads a mailbox need not know the password.
    """

    user_id: int
    email: str
