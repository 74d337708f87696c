"""The one error of this room: what happened, the likely cause, and what mends it."""


class PostgresFailure(Exception):
    """PostgreSQL could not be found, started or stopped; each part is a sentence for the person at the terminal."""

    def __init__(self, message: str, *, cause: str = "", remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cause = cause
        self.remedy = remedy

    def __str__(self) -> str:
        return "\n".join(part for part in (self.message, self.cause, self.remedy) if part)
