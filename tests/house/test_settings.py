"""Every setting is documented where people look for it, and nothing is documented that does not exist."""

import re

from shop.kit.settings import Settings
from tests.house.code import ROOT

NAMES = {f"SHOP_{name.upper()}" for name in Settings.model_fields}


def test_env_example_lists_every_setting() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?\s?(SHOP_[A-Z0-9_]+)=", text, re.MULTILINE)) == NAMES


def test_the_documentation_explains_every_setting() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(SHOP_[A-Z0-9_]+)` \|", text, re.MULTILINE)) == NAMES


def test_every_setting_has_a_description() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_env_example_changes_nothing_when_it_is_copied() -> None:
    # Every line is a comment, so that a copy of the file behaves like no file.
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
