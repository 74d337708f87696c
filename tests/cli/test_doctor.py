"""`shop doctor`: each check in its three states, JSON, the exit code, and the invariants."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from shop.cli.doctor import machine, stored
from shop.cli.doctor.finding import Finding, State
from shop.cli.doctor.machine import disk, mail, public_url, secrets, stripe_key, trusted_proxies
from shop.cli.doctor.stored import Invariants, check_database
from shop.cli.serving import listen
from shop.kit.db import DatabaseUrl
from shop.kit.settings import Environment, Settings
from tests.house.code import ROOT


def with_values(settings: Settings, **values: object) -> Settings:
    return settings.model_copy(update=values)


@pytest.fixture
def live(settings: Settings) -> Settings:
    return with_values(
        settings,
        environment=Environment.PRODUCTION,
        public_url="https://clinic.example.com",
        stripe_secret_key=SecretStr("sk_live_x"),
        stripe_publishable_key="pk_live_x",
    )


@pytest.mark.parametrize(
    ("values", "state", "words"),
    [
        ({}, "OK", "live mode"),
        ({"stripe_secret_key": None}, "FAIL", "nobody can pay"),
        ({"stripe_secret_key": SecretStr("pk_live_x")}, "FAIL", "does not start with sk_"),
        ({"stripe_publishable_key": None}, "FAIL", "no publishable key"),
        ({"stripe_publishable_key": "pk_test_x"}, "FAIL", "secret key is live, publishable key is test"),
        ({"stripe_secret_key": SecretStr("sk_test_x"), "stripe_publishable_key": "pk_test_x"}, "WARN", "no real money"),
    ],
)
def test_stripe_keys(live: Settings, values: dict[str, object], state: str, words: str) -> None:
    finding = stripe_key(with_values(live, **values))
    assert (finding.state, words in finding.message) == (state, True)
    assert bool(finding.fix) == (state != "OK")


@pytest.mark.parametrize(
    ("url", "state"),
    [("https://clinic.example.com", "OK"), ("http://clinic.example.com", "WARN"), ("https://localhost", "WARN")],
)
def test_public_url(live: Settings, url: str, state: str) -> None:
    assert public_url(with_values(live, public_url=url)).state == state


@pytest.mark.parametrize(
    ("proxies", "state", "words"),
    [
        ("127.0.0.1", "OK", "127.0.0.1"),
        ("10.0.0.0/8, ::1", "OK", "10.0.0.0/8, ::1"),
        ("", "OK", "none"),
        ("*", "WARN", "limits by address"),
        ("10.0.0.1,0.0.0.0/0", "WARN", "limits by address"),
        ("::/0", "WARN", "limits by address"),
        ("my-proxy", "FAIL", "my-proxy is neither"),
    ],
)
def test_trusted_proxies(live: Settings, proxies: str, state: str, words: str) -> None:
    finding = trusted_proxies(with_values(live, trusted_proxies=proxies))
    assert (finding.state, words in finding.message) == (state, True)
    assert bool(finding.fix) == (state != "OK")


def test_a_mail_server_is_really_asked(live: Settings) -> None:
    assert mail(live).state == "FAIL"
    with listen("127.0.0.1", 0) as server:
        port = server.getsockname()[1]
        reachable = with_values(live, smtp_url=SecretStr(f"smtp://user:hidden@127.0.0.1:{port}"))
        assert mail(reachable) == Finding("mail", State.OK, f"127.0.0.1:{port} answers")
    gone = mail(reachable)
    assert gone.state == "FAIL"
    assert "hidden" not in gone.message + gone.fix


def test_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert disk(settings).state == "OK"
    monkeypatch.setattr(machine, "LOW_DISK", 10**18)
    assert disk(settings).state == "WARN"
    monkeypatch.setattr(machine, "EMPTY_DISK", 10**18)
    assert disk(settings).state == "FAIL"


def test_secrets_that_others_can_read_fail(settings: Settings) -> None:
    development = with_values(settings, environment=Environment.DEVELOPMENT)
    assert secrets(development).state == "OK"
    settings.state_folder.mkdir()
    key = settings.state_folder / "secret-key"
    key.write_text("x")
    key.chmod(0o644)
    assert secrets(development).fix == f"chmod 600 {key}"
    key.chmod(0o600)
    assert secrets(development).state == "OK"
    assert secrets(with_values(settings, secret_key=None)).state == "FAIL"


def states(settings: Settings, *, verify: bool = False) -> dict[str, str]:
    return {finding.name: finding.state for finding in check_database(settings, verify=verify)}


def test_a_database_in_order(settings: Settings, committed_url: DatabaseUrl) -> None:
    ready = with_values(settings, database_url=str(committed_url))
    found = states(ready)
    assert {name for name, state in found.items() if state != "OK"} == {"worker"}
    with psycopg.connect(committed_url.psycopg(), autocommit=True) as connection:
        connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        assert states(ready)["worker"] == "OK"
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
        assert states(ready)["worker"] == "WARN"
        assert states(with_values(ready, environment=Environment.PRODUCTION))["worker"] == "FAIL"
        connection.execute("INSERT INTO payment_alert (kind, reference, detail) VALUES ('x', 'y', 'look here')")
        assert states(ready)["alerts"] == "WARN"
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'x', 'failed')"
        )
        assert states(ready)["queue"] == "WARN"
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        assert states(ready)["migrations"] == "FAIL"
        connection.execute("DROP TABLE alembic_version")
        assert states(ready)["migrations"] == "FAIL"


def test_invariants_show_the_rows_that_disagree(
    settings: Settings, committed_url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = with_values(settings, database_url=str(committed_url))
    query = "-- I7: sums agree.\nSELECT 'I7 sum', n::text, 'by 1' FROM generate_series(1, 2) n"
    monkeypatch.setattr(stored, "all_invariants", lambda: [Invariants("orders", query)])
    found = [finding for finding in check_database(ready, verify=True) if finding.name == "verify"]
    assert [(finding.state, finding.message) for finding in found] == [
        ("FAIL", "I7 sum: 2 rows of orders; the first is 1: by 1")
    ]


def test_every_invariant_runs_and_holds_in_an_empty_shop(settings: Settings, committed_url: DatabaseUrl) -> None:
    ready = with_values(settings, database_url=str(committed_url))
    found = [finding for finding in check_database(ready, verify=True) if finding.name == "verify"]
    assert {finding.state for finding in found} == {"OK"}
    assert len(found) == len(stored.all_invariants()) >= 3
    assert [finding.message for finding in found if "I2" in finding.message]


def test_the_command_ends_with_1_where_something_fails(committed_url: DatabaseUrl, tmp_path: Path) -> None:
    def doctor(url: str) -> tuple[int, list[dict[str, str]]]:
        done = subprocess.run(
            [sys.executable, "-m", "shop", "doctor", "--json"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "SHOP_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, json.loads(done.stdout)

    code, findings = doctor(str(committed_url))
    by_name = {finding["name"]: finding for finding in findings}
    assert code == 0
    assert {"python", "database", "extensions", "migrations", "secrets", "disk", "mail", "memory"} <= by_name.keys()
    assert (
        by_name["memory"]["message"].endswith("MB for web and worker, idle") or "in use" in by_name["memory"]["message"]
    )
    code, findings = doctor("postgres://shop:hidden@127.0.0.1:9/shop")
    assert code == 1
    failed = next(finding for finding in findings if finding["state"] == "FAIL")
    assert failed["name"] == "database"
    assert "hidden" not in json.dumps(findings)
