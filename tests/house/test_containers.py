"""The image and the compose file: settings that exist, no root, a health check, the database of the newest major."""

import re

import yaml

from shop.kit.settings import Settings
from tests.house.code import ROOT

NAMES = {f"SHOP_{name.upper()}" for name in Settings.model_fields}


def test_the_image_runs_without_root_and_tells_its_health() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    users = re.findall(r"^USER (\S+)$", text, re.MULTILINE)
    assert users
    assert users[-1] not in {"root", "0"}
    assert "HEALTHCHECK" in text
    assert set(re.findall(r"\b(SHOP_[A-Z0-9_]+)=", text)) <= NAMES


def test_compose_runs_the_processes_of_production() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    services = yaml.safe_load(text)["services"]
    assert services["database"]["image"] == "postgres:18"
    assert {"app", "worker", "migrate", "mail", "payments"} <= services.keys()
    assert set(re.findall(r"^\s+(SHOP_[A-Z0-9_]+):", text, re.MULTILINE)) <= NAMES
    for name, service in services.items():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} would listen on every address"
