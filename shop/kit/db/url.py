"""Database addresses: one URL as people write it, and what each of our two drivers needs from it.

asyncpg refuses libpq's parameters in a raw URL and SQLAlchemy's `postgresql://` means psycopg.
"""

import ssl
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

_SCHEMES: Final = ("postgres", "postgresql")
_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_KNOWN: Final = ("sslmode", "sslrootcert", "target_session_attrs", "connect_timeout", "application_name", "host")


@dataclass(frozen=True, slots=True)
class DatabaseUrl:
    """A PostgreSQL address. `host` may be a folder: a unix socket."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    database: str
    options: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, url: str) -> "DatabaseUrl":
        """The address that a `postgres://` or `postgresql[+driver]://` URL means. Raises: ValueError, saying why."""
        parts = urlsplit(url)
        if parts.scheme.partition("+")[0] not in _SCHEMES:
            raise ValueError("the database URL must start with postgres:// or postgresql://")
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        unknown = sorted(set(options) - set(_KNOWN))
        if unknown:
            raise ValueError(
                f"unknown parameter in the database URL: {', '.join(unknown)} (known: {', '.join(_KNOWN)})"
            )
        if options.get("sslmode", "prefer") not in _SSL_MODES:
            raise ValueError(f"sslmode must be one of {', '.join(_SSL_MODES)}")
        database = unquote(parts.path.lstrip("/"))
        if not database:
            raise ValueError("the database URL names no database: postgres://host/NAME")
        return cls(
            host=options.pop("host", "") or parts.hostname or "127.0.0.1",
            port=parts.port or 5432,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            database=database,
            options=options,
        )

    def with_database(self, database: str) -> "DatabaseUrl":
        """The same server, another database."""
        return replace(self, database=database)

    def __str__(self) -> str:
        user = quote(self.user, safe="") if self.user else ""
        password = f":{quote(self.password, safe='')}" if self.password else ""
        at = "@" if user else ""
        options = dict(self.options)
        host = self.host
        if host.startswith("/"):
            options["host"], host = host, ""
        query = f"?{urlencode(options)}" if options else ""
        return f"postgresql://{user}{password}{at}{host}:{self.port}/{quote(self.database, safe='')}{query}"

    def safe(self) -> str:
        """The address without its password, for logs and messages."""
        return str(replace(self, password=None))

    def sqlalchemy_asyncpg(self) -> str:
        """For SQLAlchemy's `create_async_engine`, together with `asyncpg_arguments()`."""
        bare = replace(self, options={}, host="" if self.host.startswith("/") else self.host)
        return str(bare).replace("postgresql://", "postgresql+asyncpg://", 1)

    def asyncpg_arguments(self) -> dict[str, Any]:
        """Keyword arguments for `asyncpg.connect` that a URL cannot carry."""
        arguments: dict[str, Any] = {"timeout": float(self.options.get("connect_timeout", 5))}
        if self.host.startswith("/"):
            arguments["host"] = self.host
        mode = self.options.get("sslmode")
        root = self.options.get("sslrootcert")
        if mode in {"verify-ca", "verify-full"}:
            context = ssl.create_default_context(cafile=root)
            context.check_hostname = mode == "verify-full"
            arguments["ssl"] = context
        elif mode is not None:
            arguments["ssl"] = mode
        if attributes := self.options.get("target_session_attrs"):
            arguments["target_session_attrs"] = attributes
        if name := self.options.get("application_name"):
            arguments["server_settings"] = {"application_name": name}
        return arguments

    def psycopg(self) -> str:
        """For psycopg, which reads libpq's own parameters."""
        return str(self)
