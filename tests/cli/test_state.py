"""Secrets of a clone: made once, private, agreed on by processes that start at once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from shop.cli.state import with_secrets
from shop.cli.trouble import Trouble
from shop.kit.settings import Environment, Settings


def development(folder: Path, **values: object) -> Settings:
    return Settings(_env_file=None, state_folder=folder, **values)  # type: ignore[arg-type]


def value(secret: SecretStr | None) -> str:
    assert secret is not None
    return secret.get_secret_value()


def test_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    first, second = (with_secrets(development(folder)) for _ in range(2))
    assert value(first.secret_key) == value(second.secret_key)
    assert len(value(first.secret_key)) >= 32
    assert value(first.jwt_private_key).startswith("-----BEGIN PRIVATE KEY-----")
    assert len(value(first.demo_password)) == 12
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o711


def test_a_secret_that_is_set_is_kept_and_not_written(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    settings = with_secrets(development(folder, demo_password=SecretStr("chosen")))
    assert value(settings.demo_password) == "chosen"
    assert not (folder / "demo-password").exists()


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    settings = development(tmp_path / "state", jwt_private_key=SecretStr("a key"))
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: value(with_secrets(settings).secret_key), range(64)))
    assert len(set(found)) == 1


def test_nothing_is_made_outside_development(tmp_path: Path) -> None:
    settings = development(tmp_path / "state", environment=Environment.TEST)
    assert with_secrets(settings).secret_key is None
    assert not (tmp_path / "state").exists()


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="Cannot make the folder") as trouble:
        with_secrets(development(tmp_path / "file" / "state"))
    assert "SHOP_STATE_FOLDER" in trouble.value.remedy
