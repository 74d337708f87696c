"""The wheel is whole: installed elsewhere, with no clone in sight, it migrates a database from an empty folder."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import psycopg
import pytest

from tests.database import Server
from tests.house.code import ROOT


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product as a wheel, built by the tool that pyproject.toml names, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return next(folder.glob("shop-*.whl"))


def test_it_holds_the_package_the_migrations_and_the_contract_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"shop"}
    for source, packed in (("alembic", "shop/_alembic"), ("graphql", "shop/_graphql")):
        files = {path.relative_to(ROOT / source).as_posix() for path in (ROOT / source).rglob("*") if path.is_file()}
        wanted = {name for name in files if "__pycache__" not in name}
        assert wanted <= {name.removeprefix(f"{packed}/") for name in names}
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name]
    assert "shop/blueprint/demo.yaml" in names
    assert "shop/py.typed" in names


def test_installed_it_migrates_from_an_empty_folder(wheel: Path, tmp_path: Path, postgres: Server) -> None:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    site = next((environment / "lib").glob("python3.*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    # What it depends on is taken from where the tests run; the product itself comes from the wheel alone, since .pth
    # files of a folder that a .pth file names are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    empty = tmp_path / "empty"
    empty.mkdir()
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "SHOP_STATE_FOLDER"}}
    python = environment / "bin" / "python"

    def shop(*arguments: str, url: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-P", "-m", "shop", *arguments],
            cwd=empty,
            env=clean | {"SHOP_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )

    with psycopg.connect(str(postgres.url.with_database("postgres")), autocommit=True) as connection:
        name = f"test_{os.getpid()}_0"
        connection.execute(f"CREATE DATABASE {name}".encode())
        url = str(postgres.url.with_database(name))
        try:
            where = subprocess.run(
                [python, "-P", "-c", "import shop; print(shop.__file__)"],
                cwd=empty,
                env=clean,
                capture_output=True,
                text=True,
                check=True,
            )
            assert where.stdout.startswith(str(site))
            first = shop("migrate", url=url)
            assert first.returncode == 0, first.stderr
            assert "first tables" in first.stdout.lower()
            assert shop("migrate", url=url).stdout == "The tables are up to date.\n"
            with psycopg.connect(url) as migrated:
                row = migrated.execute("SELECT count(*) FROM catalogue_product").fetchone()
                assert row == (0,)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
