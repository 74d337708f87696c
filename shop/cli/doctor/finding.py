"""What a check found: its state, in words, and what mends it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """OK: as it should be. WARN: works, but not as it should for long. FAIL: does not work."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One line of the report; `fix` is the command or the setting that mends it."""

    name: str
    state: State
    message: str
    fix: str = ""


def ok(name: str, message: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, message)


def warn(name: str, message: str, fix: str) -> Finding:
    """It works, but somebody should act."""
    return Finding(name, State.WARN, message, fix)


def fail(name: str, message: str, fix: str) -> Finding:
    """It does not work."""
    return Finding(name, State.FAIL, message, fix)
