"""The queue: no job can be lost for good, and its tables are the pinned library's."""

import hashlib
from importlib import resources

import procrastinate

from shop.kit.db import Database
from shop.kit.resources import migrations_folder
from shop.kit.settings import Settings
from shop.worker.main import make_app


async def test_every_job_has_a_retry_strategy(settings: Settings) -> None:
    # One without, cut at a shutdown, would stay `aborted` for ever.
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    tasks = make_app(settings, database).tasks
    await database.close()
    ours = {name: task for name, task in tasks.items() if not name.startswith(("builtin:", "procrastinate."))}
    assert ours
    assert [name for name, task in ours.items() if task.retry_strategy is None] == []


def test_the_frozen_tables_are_those_of_the_library() -> None:
    library = (resources.files(procrastinate) / "sql" / "schema.sql").read_bytes()
    frozen = max(migrations_folder().glob("versions/*_queue*.sql")).read_bytes()
    hashes = [hashlib.sha256(text).hexdigest() for text in (library, frozen)]
    assert hashes[0] == hashes[1], "procrastinate changed its tables: add a migration with the difference"
