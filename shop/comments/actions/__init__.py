"""Everything that changes comments."""

from shop.comments.actions.create import Said, Speaker, Words, say
from shop.comments.actions.forget import erase_author, forget
from shop.comments.actions.moderate import Decision, delete_comment, moderate
from shop.comments.actions.subscribe import agree, end
from shop.comments.actions.tell import tell_moderators

__all__ = [
    "Decision",
    "Said",
    "Speaker",
    "Words",
    "agree",
    "delete_comment",
    "end",
    "erase_author",
    "forget",
    "moderate",
    "say",
    "tell_moderators",
]
