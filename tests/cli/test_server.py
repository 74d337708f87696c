"""How the server ends: requests in hand are answered, a second Ctrl-C does not wait, an orphan does not stay."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

SCRIPT = Path(__file__).with_name("serving_process.py")


class Running:
    """The process, its address, and its end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        self.address = process.stdout.readline().strip()

    def get(self, seconds: float) -> httpx.Response:
        return httpx.get(f"{self.address}/slow", params={"seconds": seconds}, timeout=20)

    def wait_for_requests(self, number: int) -> None:
        """That many requests of a second or more are in hand."""
        assert self.process.stdout is not None
        assert [self.process.stdout.readline() for _ in range(number)] == ["asked\n"] * number

    def end(self, number: int) -> tuple[int, str, float]:
        """Exit code, what it printed, and how long it took after the signal."""
        started = time.monotonic()
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=60)
        return self.process.returncode, printed, time.monotonic() - started


@pytest.fixture
def running() -> Iterator[Running]:
    with subprocess.Popen(
        [sys.executable, SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_signal_ends_it_cleanly(running: Running, number: signal.Signals) -> None:
    code, printed, seconds = running.end(number)
    assert (code, printed) == (0, "shut down\nended\n")
    # Nobody asks for anything: it need not wait for what a busy machine takes ten times as long for.
    assert seconds < 15


def test_requests_in_hand_are_answered(running: Running) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = [pool.submit(running.get, 1.0) for _ in range(10)]
        running.wait_for_requests(10)
        code, printed, _ = running.end(signal.SIGTERM)
        assert [answer.result().text for answer in answers] == ["done"] * 10
    assert (code, printed) == (0, "shut down\nended\n")


def test_under_load_no_request_that_was_sent_is_dropped(running: Running) -> None:
    dropped: list[str] = []
    answered: list[int] = []

    def visit(keep_alive: bool) -> None:
        with httpx.Client(limits=httpx.Limits(max_keepalive_connections=1 if keep_alive else 0)) as client:
            while True:
                try:
                    answered.append(client.get(f"{running.address}/slow", params={"seconds": 0.002}).status_code)
                except httpx.ConnectError:
                    return  # it listens no more
                except httpx.TransportError as error:
                    dropped.append(repr(error))
                    return

    with ThreadPoolExecutor(8) as pool:
        visits = [pool.submit(visit, number % 2 == 0) for number in range(8)]
        while len(answered) < 50:
            assert not any(one.done() for one in visits)
            time.sleep(0.05)
        code, printed, _ = running.end(signal.SIGTERM)
        for one in visits:
            one.result()
    assert (code, printed) == (0, "shut down\nended\n")
    assert set(answered) == {200}
    assert dropped == []


def test_a_second_ctrl_c_does_not_wait(running: Running) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(running.get, 30)
        running.wait_for_requests(1)
        running.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        _, _, seconds = running.end(signal.SIGINT)
        # The request would take three times as long.
        assert seconds < 10
        assert answer.exception() is not None or answer.result().status_code == 500


def test_it_ends_with_the_process_that_started_it() -> None:
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, sys.argv[1]]); print(p.pid, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        lines = [parent.stdout.readline().strip(), parent.stdout.readline().strip()]
        child = int(next(line for line in lines if line.isdigit()))
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 10
        while _alive(child) and time.monotonic() < deadline:
            threading.Event().wait(0.05)
        assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or " Z " not in state.read_text()
