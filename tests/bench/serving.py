"""Serving: memory of an idle server, and how many requests one and two server processes answer.

The load comes from `wrk` where it is installed (Debian has it), otherwise from a small client of our own, which takes
CPU from the servers it measures. These numbers depend on the machine; they are reported, never judged.
"""

import asyncio
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from shop.kit.db import DatabaseUrl
from tests.bench.measure import Results
from tests.bench.shop import CHANNEL, PRODUCT_LIST, body_of

_SECONDS: Final = 8
_CONNECTIONS: Final = 8
_IDLE_MEGABYTES: Final = 190.0


@asynccontextmanager
async def server(url: DatabaseUrl, folder: Path, *, keeps: bool = False) -> AsyncIterator[tuple[str, int, int]]:
    """A server process: its host, port and process id. `keeps`: answers that are the same for every visitor."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")} | {
        "SHOP_DATABASE_URL": str(url),
        "SHOP_PORT": "0",
        "SHOP_STATE_FOLDER": str(folder),
        "SHOP_LOG_LEVEL": "error",
    }
    if not keeps:
        environment["SHOP_RESPONSE_CACHE_BYTES"] = "0"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shop",
        "serve",
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        assert process.stdout is not None
        async for line in process.stdout:
            if found := re.search(rb"http://([\w.]+):(\d+)", line):
                yield found[1].decode(), int(found[2]), process.pid
                break
        else:
            raise RuntimeError("the server did not start")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def resident_megabytes(pid: int) -> float:
    """The memory that a process keeps."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


async def load(host: str, port: int, body: bytes) -> float:
    """Requests answered a second by one server."""
    return await (_wrk if shutil.which("wrk") else _client)(host, port, body)


async def _wrk(host: str, port: int, body: bytes) -> float:
    text = body.decode().replace("\\", "\\\\").replace("'", "\\'")
    script = f"wrk.method='POST'\nwrk.headers['Content-Type']='application/json'\nwrk.body='{text}'\n"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        process = await asyncio.create_subprocess_exec(
            "wrk",
            "-t1",
            f"-c{_CONNECTIONS}",
            f"-d{_SECONDS}s",
            "-s",
            file.name,
            f"http://{host}:{port}/graphql/",
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
    assert b"Non-2xx" not in output, output.decode()
    found = re.search(rb"Requests/sec:\s+([\d.]+)", output)
    assert found is not None, output.decode()
    return float(found[1])


async def _client(host: str, port: int, body: bytes) -> float:
    head = f"POST /graphql/ HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    end = time.monotonic() + _SECONDS
    answered = 0

    async def visitor() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection(host, port)
        while time.monotonic() < end:
            writer.write(request)
            header = await reader.readuntil(b"\r\n\r\n")
            assert header.startswith(b"HTTP/1.1 200"), header
            length = re.search(rb"(?i)content-length: (\d+)", header)
            assert length is not None
            await reader.readexactly(int(length[1]))
            answered += 1
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(visitor() for _ in range(_CONNECTIONS)))
    return answered / _SECONDS


async def serving(url: DatabaseUrl, folder: Path, results: Results) -> None:
    """Idle memory, and requests a second with one and with two processes."""
    tool = "wrk" if shutil.which("wrk") else "our own client"
    for workers in (1, 2):
        async with AsyncExitStack() as stack:
            places = [
                await stack.enter_async_context(server(url, folder / f"state-{number}")) for number in range(workers)
            ]
            if workers == 1:
                memory = resident_megabytes(places[0][2])
                results.add("idle server process, resident", memory, _IDLE_MEGABYTES, unit="MB")
            for size in (12, 100):
                body = body_of(PRODUCT_LIST, {"channel": CHANNEL, "first": size})
                found = await asyncio.gather(*(load(host, port, body) for host, port, _ in places))
                note = f"{tool}, {_CONNECTIONS} connections each, {os.cpu_count()} cores with the database"
                name = f"product list of {size}, {workers} process{'es' if workers > 1 else ''}"
                results.add(name, sum(found), unit="/s", note=note)
    async with server(url, folder / "state-0", keeps=True) as (host, port, _):
        for size in (12, 100):
            answered = await load(host, port, body_of(PRODUCT_LIST, {"channel": CHANNEL, "first": size}))
            results.add(f"product list of {size}, kept, 1 process", answered, unit="/s", note=note)
