"""Every command explains itself, and says in words what went wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shop.cli.main import COMMANDS
from shop.kit.db import DatabaseUrl
from tests.house.code import ROOT


def shop(*arguments: str, cwd: Path = ROOT, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """`shop …` as a person would run it."""
    return subprocess.run(
        [sys.executable, "-m", "shop", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_list_names_every_command_with_a_sentence() -> None:
    listed = shop("--help")
    assert listed.returncode == 0
    lines = {line.split()[0]: line for line in listed.stdout.splitlines() if line.startswith("  ")}
    assert [name for name in COMMANDS if len(lines[name].split()) < 4] == []


@pytest.mark.parametrize(
    "arguments", [*([name] for name in COMMANDS), ["stripe", "setup"], ["user", "create"]], ids=str
)
def test_every_command_has_help(arguments: list[str]) -> None:
    shown = shop(*arguments, "--help")
    assert shown.returncode == 0
    assert "Usage: shop" in shown.stdout


def test_a_setting_that_is_wrong_is_named_with_the_remedy(tmp_path: Path) -> None:
    wrong = shop("migrate", cwd=tmp_path, SHOP_PORT="eighty", SHOP_DATABASE_URL="mysql://localhost/shop")
    assert wrong.returncode == 1
    assert "SHOP_PORT: Input should be a valid integer" in wrong.stderr
    assert "SHOP_DATABASE_URL: the database URL must start with postgres://" in wrong.stderr
    assert "docs/settings.md" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_production_refuses_to_start_without_its_secrets(tmp_path: Path) -> None:
    refused = shop("serve", cwd=tmp_path, SHOP_ENVIRONMENT="production")
    assert refused.returncode == 1
    for name in ("DATABASE_URL", "SECRET_KEY", "JWT_PRIVATE_KEY", "PUBLIC_URL", "STRIPE_SECRET_KEY"):
        assert f"SHOP_{name}" in refused.stderr
    assert not (tmp_path / ".shop").exists()


def test_a_database_that_is_down_is_explained_without_its_password(tmp_path: Path) -> None:
    down = shop("migrate", cwd=tmp_path, SHOP_DATABASE_URL="postgres://shop:hidden@127.0.0.1:9/shop")
    assert down.returncode == 1
    assert "Connection refused" in down.stderr
    assert "Mend:" in down.stderr
    assert "hidden" not in down.stderr
    assert "Traceback" not in down.stderr


def test_reset_asks_first(tmp_path: Path) -> None:
    (tmp_path / ".shop" / "media").mkdir(parents=True)
    unasked = shop("reset", cwd=tmp_path, stdin="n\n", SHOP_STATE_FOLDER=".shop")
    assert unasked.returncode == 1
    assert (tmp_path / ".shop" / "media").exists()
    done = shop("reset", "--yes", cwd=tmp_path, SHOP_STATE_FOLDER=".shop")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / ".shop").exists()


def test_steps_can_be_undone_and_are_told(committed_url: DatabaseUrl, tmp_path: Path) -> None:
    url = str(committed_url)
    down = shop("migrate", "--", "-1", cwd=tmp_path, SHOP_DATABASE_URL=url)
    assert down.returncode == 0, down.stderr
    up = shop("migrate", cwd=tmp_path, SHOP_DATABASE_URL=url)
    assert len(up.stdout.splitlines()) == 1
    assert up.stdout != "The tables are up to date.\n"
    unknown = shop("migrate", "nonsense", cwd=tmp_path, SHOP_DATABASE_URL=url)
    assert unknown.returncode == 1
    assert "Can't locate revision" in unknown.stderr


def test_users_are_made_and_their_passwords_set(committed_url: DatabaseUrl, tmp_path: Path) -> None:
    url = str(committed_url)
    made = shop(
        *("user", "create", "Owner@example.com", "--staff", "--permission", "MANAGE_ORDERS", "--password-stdin"),
        cwd=tmp_path,
        stdin="a long enough password\n",
        SHOP_DATABASE_URL=url,
    )
    assert made.returncode == 0, made.stderr
    assert shop("user", "staff", cwd=tmp_path, SHOP_DATABASE_URL=url).stdout == "owner@example.com\n"
    changed = shop(
        "user", "password", "owner@example.com", "--password-stdin", cwd=tmp_path, stdin="another one\n",
        SHOP_DATABASE_URL=url,
    )  # fmt: skip
    assert changed.returncode == 0, changed.stderr
    nobody = shop(
        "user", "password", "nobody@example.com", "--password-stdin", cwd=tmp_path, stdin="another one\n",
        SHOP_DATABASE_URL=url,
    )  # fmt: skip
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "No user has the e-mail nobody@example.com" in nobody.stderr
    unknown = shop(
        "user", "create", "x@example.com", "--staff", "--permission", "RULE_THE_WORLD", "--password-stdin",
        cwd=tmp_path, stdin="another one\n", SHOP_DATABASE_URL=url,
    )  # fmt: skip
    assert unknown.returncode == 2
