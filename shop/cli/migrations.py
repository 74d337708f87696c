"""Alembic, in a process of its own: `python -m shop.cli.migrations REVISION` with SHOP_DATABASE_URL set."""

import sys

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationInfo
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from shop.kit.resources import migrations_folder
from shop.kit.settings import Settings


def config(url: str | None) -> Config:
    """Alembic's configuration for this product's migrations, in a clone and in an installed package alike."""
    made = Config(attributes={"url": url})
    made.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def main(revision: str, *, quiet: bool = False) -> int:
    """The database of SHOP_DATABASE_URL is at the revision; returns how many steps were made, printed unless quiet."""
    made = config(Settings().database_url)
    scripts = ScriptDirectory.from_config(made)
    steps: list[str] = []

    def report(*, step: MigrationInfo, **_: object) -> None:
        for target in step.up_revision_ids if step.is_upgrade else step.down_revision_ids:
            steps.append(f"{target} {scripts.get_revision(target).doc}")
            if not quiet:
                print(steps[-1], flush=True)

    made.attributes["on_version_apply"] = report
    try:
        if revision.startswith("-") or revision == "base":
            command.downgrade(made, revision)
        else:
            command.upgrade(made, revision)
    except CommandError as error:
        sys.exit(str(error))
    except OperationalError as error:
        sys.exit(str(error.orig))
    return len(steps)


if __name__ == "__main__":
    main(sys.argv[1])
