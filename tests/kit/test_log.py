"""What stands in the log of an error, and what never does."""

import subprocess
import sys

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.kit.db import Database
from shop.kit.log import brief, story

PROGRAM = """
import structlog
from shop.kit import log
from shop.kit.settings import Settings

{configure}
try:
    given = "a-" + "password"
    raise ValueError("refused\\nfor a-" + "password")
except ValueError as error:
    structlog.get_logger().error("unexpected error", exc_info=error)
"""
SETTINGS = 'log.configure(Settings(_env_file=None, log_format="{}"))'


@pytest.mark.parametrize(
    "configure", [SETTINGS.format("console"), SETTINGS.format("json"), "log.configure_without_settings()"]
)
def test_an_error_is_logged_without_the_values_around_it(configure: str) -> None:
    program = PROGRAM.format(configure=configure)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    told = done.stdout + done.stderr
    assert "ValueError: refused" in told
    assert "Traceback (most recent call last)" in told
    assert "a-password" not in told


class Person(BaseModel):
    age: int


async def test_what_was_given_is_not_quoted(database: Database) -> None:
    secret = "somebody@example.com"

    async def twice(session: AsyncSession) -> None:
        await session.execute(text("CREATE TEMPORARY TABLE person (email text PRIMARY KEY) ON COMMIT DROP"))
        for _ in range(2):
            await session.execute(text("INSERT INTO person VALUES (:email)"), {"email": secret})

    with pytest.raises(IntegrityError) as refused:
        await database.run(twice)
    assert brief(refused.value).startswith("sqlalchemy.exc.IntegrityError: ")
    assert "person_pkey" in brief(refused.value)
    with pytest.raises(ValidationError) as invalid:
        Person.model_validate({"age": secret})
    assert brief(invalid.value) == "pydantic_core._pydantic_core.ValidationError: 1 validation error for Person"
    for error in (refused.value, invalid.value):
        assert secret not in story(error)
    # Nor is it by who prints the error of a statement itself; the database's own DETAIL is what `brief` leaves out.
    assert "[parameters:" not in str(refused.value)


def test_causes_come_first_and_each_once() -> None:
    empty: dict[str, int] = {}

    def fail() -> None:
        try:
            empty["first"]
        except KeyError as error:
            raise ExceptionGroup("several", [ValueError("one"), ValueError("two")]) from error

    with pytest.raises(ExceptionGroup) as caught:
        fail()
    told = story(caught.value).splitlines()
    ends = [line for line in told if not line.startswith((" ", "Traceback")) and line]
    assert ends == [
        "KeyError: 'first'",
        "ValueError: two",
        "ValueError: one",
        "ExceptionGroup: several (2 sub-exceptions)",
    ]


def test_a_story_is_short_however_deep_it_is() -> None:
    def one(depth: int) -> None:
        other(depth - 1)

    def other(depth: int) -> None:
        if not depth:
            raise ValueError("x" * 100_000)
        try:
            one(depth - 1)
        except ValueError as error:
            raise ValueError("y" * 100_000) from error

    with pytest.raises(ValueError, match="y") as caught:
        other(100)
    told = story(caught.value)
    assert len(told) < 30_000
    assert told.count("ValueError: ") == 8
    assert brief(caught.value) == "ValueError: " + "y" * 500
