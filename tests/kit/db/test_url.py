"""Database addresses."""

import ssl

import pytest

from shop.kit.db import DatabaseUrl


def test_a_plain_url_is_understood() -> None:
    url = DatabaseUrl.parse("postgres://us%40er:p%2Fw@db.test:6543/my%20shop?sslmode=require&connect_timeout=3")
    assert (url.host, url.port, url.user, url.password, url.database) == ("db.test", 6543, "us@er", "p/w", "my shop")
    assert url.sqlalchemy_asyncpg() == "postgresql+asyncpg://us%40er:p%2Fw@db.test:6543/my%20shop"
    assert url.asyncpg_arguments() == {"timeout": 3.0, "ssl": "require"}
    assert url.psycopg() == "postgresql://us%40er:p%2Fw@db.test:6543/my%20shop?sslmode=require&connect_timeout=3"
    assert "p%2Fw" not in url.safe()
    assert "p/w" not in repr(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_every_usual_scheme_is_taken(scheme: str) -> None:
    assert DatabaseUrl.parse(f"{scheme}://127.0.0.1/shop").database == "shop"


def test_a_unix_socket_is_a_host_that_is_a_folder() -> None:
    url = DatabaseUrl.parse("postgresql:///shop?host=/run/postgresql")
    assert url.asyncpg_arguments()["host"] == "/run/postgresql"
    assert "host=%2Frun%2Fpostgresql" in url.psycopg()
    assert url.sqlalchemy_asyncpg() == "postgresql+asyncpg://:5432/shop"


def test_full_verification_checks_the_host_name() -> None:
    context = DatabaseUrl.parse("postgres://db.test/shop?sslmode=verify-full").asyncpg_arguments()["ssl"]
    assert isinstance(context, ssl.SSLContext)
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("mysql://localhost/shop", "must start with postgres://"),
        ("postgres://localhost", "names no database"),
        ("postgres://localhost/shop?sslmode=maybe", "sslmode must be one of"),
        ("postgres://localhost/shop?color=red", "unknown parameter in the database URL: color"),
    ],
)
def test_a_faulty_url_says_what_is_wrong(url: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        DatabaseUrl.parse(url)
