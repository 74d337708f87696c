"""Listening sockets: the port rule, and words where it cannot be kept."""

import socket

import pytest

from shop.cli import serving
from shop.cli.serving import address_of, listen
from shop.cli.trouble import Trouble


def test_without_a_port_the_next_free_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    monkeypatch.setattr(serving, "FIRST_PORT", free)
    monkeypatch.setattr(serving, "LAST_PORT", free + 2)
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert address_of(first) == f"http://127.0.0.1:{free}"
        assert second.getsockname()[1] in {free + 1, free + 2}


def test_a_wanted_port_that_is_taken_is_an_error_with_a_remedy() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(Trouble, match="Address already in use") as trouble:
        listen("127.0.0.1", taken.getsockname()[1])
    assert "another terminal" in trouble.value.cause
    assert "SHOP_PORT" in trouble.value.remedy


def test_an_unknown_host_is_an_error_with_words() -> None:
    with pytest.raises(Trouble, match="Cannot listen on"):
        listen("192.0.2.7", 8000)


def test_who_comes_before_the_server_waits_instead_of_being_refused() -> None:
    with listen("127.0.0.1", 0) as early, socket.create_connection(early.getsockname()) as visitor:
        assert visitor.getpeername() == early.getsockname()


def test_every_address_is_reached_through_this_machines_own() -> None:
    with listen("0.0.0.0", 0) as everywhere:
        assert address_of(everywhere) == f"http://127.0.0.1:{everywhere.getsockname()[1]}"
