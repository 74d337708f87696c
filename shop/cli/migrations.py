"""Alembic, in a process of its own: `python -m shop.cli.migrations REVISION` with SHOP_DATABASE_URL set."""

import sys

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from shop.kit.resources import migrations_folder
from shop.kit.settings import Settings


def config(url: str | None) -> Config:
    """Alembic's configuration for this product's migrations, in a clone and in an installed package alike."""
    made = Config(attributes={"url": url})
    made.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def main(revision: str) -> None:
    """The database of SHOP_DATABASE_URL is at the revision; each step made is printed."""
    made = config(Settings().database_url)
    scripts = ScriptDirectory.from_config(made)

    def report(*, step: object, **_: object) -> None:
        for target in getattr(step, "up_revision_ids", ()) or getattr(step, "down_revision_ids", ()):
            found = scripts.get_revision(target)
            print(f"{target} {found.doc}")

    made.attributes["on_version_apply"] = report
    try:
        if revision.startswith("-") or revision == "base":
            command.downgrade(made, revision)
        else:
            command.upgrade(made, revision)
    except OperationalError as error:
        sys.exit(str(error.orig))


if __name__ == "__main__":
    main(sys.argv[1])
