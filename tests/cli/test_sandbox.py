"""The payment sandbox beside the shop: started, taken over after a kill, replaced when it is another shop's."""

import json
import os
import signal

import pytest

from shop.cli.sandbox import Sandbox, answers, running_sandbox
from shop.cli.trouble import Trouble
from shop.kit.settings import Settings


@pytest.fixture
def with_folder(settings: Settings) -> Settings:
    settings.state_folder.mkdir()
    return settings


def record(settings: Settings) -> dict[str, str]:
    return dict(json.loads((settings.state_folder / "sandbox.json").read_text()))


def test_it_answers_inside_the_block_and_ends_with_it(with_folder: Settings) -> None:
    with running_sandbox(with_folder) as (settings, sandbox):
        sandbox.wait()
        kept = record(settings)
        assert settings.stripe_api_url == f"http://127.0.0.1:{kept['port']}"
        assert settings.stripe_webhook_secret is not None
        assert settings.stripe_webhook_secret.get_secret_value() == kept["webhook_secret"]
        assert settings.stripe_is_sandbox
        assert answers(int(kept["port"]))
    assert not answers(int(kept["port"]))
    assert (with_folder.state_folder / "sandbox.json").stat().st_mode & 0o077 == 0


def test_a_killed_shops_sandbox_is_taken_over_and_stopped_with_the_next(with_folder: Settings) -> None:
    assert with_folder.public_url is not None
    killed = Sandbox(with_folder.state_folder, with_folder.public_url)
    killed.begin(with_folder)
    killed.wait()
    before = record(with_folder)
    with running_sandbox(with_folder) as (_, sandbox):
        sandbox.wait()
        assert record(with_folder) == before
    assert killed._process is not None
    killed._process.wait(timeout=5)


def test_port_and_secret_stay_after_a_stop(with_folder: Settings) -> None:
    with running_sandbox(with_folder):
        first = record(with_folder)
    with running_sandbox(with_folder):
        second = record(with_folder)
    assert {**first, "pid": ""} == {**second, "pid": ""}
    assert first["pid"] != second["pid"]


def test_one_that_reports_to_another_address_is_replaced(with_folder: Settings) -> None:
    with running_sandbox(with_folder) as (_, old):
        old.wait()
        moved = with_folder.model_copy(update={"public_url": "http://elsewhere.test"})
        with running_sandbox(moved):
            assert old._process is not None
            old._process.wait(timeout=5)
            assert record(with_folder)["shop"] == "http://elsewhere.test"


def test_a_stranger_with_the_old_process_id_is_left_alone(with_folder: Settings) -> None:
    (with_folder.state_folder / "sandbox.json").write_text(
        json.dumps({"pid": str(os.getpid()), "port": "1", "webhook_secret": "w", "shop": with_folder.public_url})
    )
    received: list[int] = []
    previous = signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
    try:
        with running_sandbox(with_folder):
            assert record(with_folder)["pid"] != str(os.getpid())
    finally:
        signal.signal(signal.SIGTERM, previous)
    assert received == []


def test_one_that_cannot_start_is_explained(with_folder: Settings) -> None:
    (with_folder.state_folder / "sandbox.sqlite").mkdir()
    with (
        running_sandbox(with_folder) as (_, sandbox),
        pytest.raises(Trouble, match="did not start") as trouble,
    ):
        sandbox.wait()
    assert "SHOP_STRIPE_SECRET_KEY" in trouble.value.remedy
    assert trouble.value.cause
