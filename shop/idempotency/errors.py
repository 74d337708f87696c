"""Why a request with a key is not carried out. None of them changed anything."""

from shop.kit.errors import Conflict, Invalid


class KeyUnusable(Invalid):
    """The key, or the request that it came with, cannot be remembered."""

    code = "IdempotencyKeyUnusable"


class KeyReused(Conflict):
    """The key was used for something else."""

    code = "IdempotencyKeyReused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was sent with another document or other variables before.")


class StillRunning(Conflict):
    """The first request with this key is not done yet."""

    code = "IdempotencyKeyInUse"

    def __init__(self) -> None:
        super().__init__("A request with this Idempotency-Key is still being carried out. Ask again in a moment.")


class AnswerLost(Conflict):
    """What was asked for is done, but nobody lived to store the answer."""

    code = "IdempotencyAnswerLost"

    def __init__(self) -> None:
        super().__init__(
            "The request with this Idempotency-Key was carried out, but its answer was lost. Read what is there now."
        )


class AttemptLost(Exception):
    """The attempt took so long that another one took its place: nothing of it may be stored."""
