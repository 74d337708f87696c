"""Where the parts that are not Python lie: beside the package in a clone, inside it in a wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder(name: str) -> Path:
    packed = _PACKAGE / f"_{name}"
    return packed if packed.is_dir() else _PACKAGE.parent / name


def graphql_folder() -> Path:
    """The contract: `schema.graphql`, `operations/`, `fragments/`."""
    return _folder("graphql")


def migrations_folder() -> Path:
    """Alembic's folder: `env.py`, `versions/`."""
    return _folder("alembic")
