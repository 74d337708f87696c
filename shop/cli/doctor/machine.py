"""What can be judged without the database: Python, secrets, addresses, keys, mail, disk."""

import contextlib
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from shop.cli.doctor.finding import Finding, fail, ok, warn
from shop.kit.settings import Environment, Settings

OLDEST_PYTHON = (3, 11)
MAIL_SECONDS = 3.0
LOW_DISK, EMPTY_DISK = 1_000_000_000, 100_000_000


def check_machine(settings: Settings) -> Iterator[Finding]:
    """One finding for each thing, in the order in which a start needs them."""
    yield python()
    yield secrets(settings)
    yield public_url(settings)
    yield trusted_proxies(settings)
    yield stripe_key(settings)
    yield mail(settings)
    yield disk(settings)


def python() -> Finding:
    """Whether the interpreter is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return fail("python", f"{version}, older than 3.11", "Install Python 3.11 or newer, then 'make install'.")
    return ok("python", version)


def secrets(settings: Settings) -> Finding:
    """Whether the keys are there, long enough, and nobody else can read those kept in files."""
    if settings.environment is not Environment.DEVELOPMENT:
        if settings.secret_key is None or settings.jwt_private_key is None:
            return fail("secrets", "SHOP_SECRET_KEY or SHOP_JWT_PRIVATE_KEY is not set", "docs/settings.md: make both.")
        return ok("secrets", "set in the environment")
    names = ("secret-key", "jwt-private-key", "demo-password")
    files = [path for name in names if (path := settings.state_folder / name).exists()]
    wide = [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if wide:
        paths = " ".join(map(str, wide))
        return fail("secrets", f"others can read {paths}", f"chmod 600 {paths}")
    return ok("secrets", f"kept in {settings.state_folder}" if files else "made at the first start")


def public_url(settings: Settings) -> Finding:
    """Whether visitors' addresses are right for where the shop runs."""
    url = settings.public_url
    if url is None:
        return ok("public url", "the address that is listened on")
    host = urlsplit(url).hostname or ""
    local = host in {"localhost", "127.0.0.1", "::1"}
    if settings.production and not url.startswith("https://"):
        return warn("public url", f"{url} is not https: browsers will keep no secure cookies", "Set SHOP_PUBLIC_URL.")
    if settings.production and local:
        return warn("public url", f"{url} is this machine: links in mails lead nowhere", "Set SHOP_PUBLIC_URL.")
    return ok("public url", url)


def trusted_proxies(settings: Settings) -> Finding:
    """Whether only proxies are believed where a request came from: guesses at passwords are counted by address."""
    given = [part.strip() for part in settings.trusted_proxies.split(",") if part.strip()]
    wrong = [part for part in given if part != "*" and _network(part) is None]
    if wrong:
        return fail(
            "trusted proxies", f"{wrong[0]} is neither an address nor a network", "Correct SHOP_TRUSTED_PROXIES."
        )
    if any(part == "*" or getattr(_network(part), "prefixlen", 1) == 0 for part in given):
        message = "everybody may say where a request came from: limits by address can be walked around"
        return warn("trusted proxies", message, "Set SHOP_TRUSTED_PROXIES to your proxy's address.")
    return ok("trusted proxies", ", ".join(given) or "none")


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def stripe_key(settings: Settings) -> Finding:
    """Whether there is a key, of which mode, and whether the two halves belong together."""
    if settings.stripe_secret_key is None:
        if settings.production:
            return fail("stripe key", "not set: nobody can pay", "Set SHOP_STRIPE_SECRET_KEY.")
        return ok("stripe key", "not set: 'shop dev' starts the sandbox")
    secret = settings.stripe_secret_key.get_secret_value()
    publishable = settings.stripe_publishable_key or ""
    if not secret.startswith(("sk_", "rk_")):
        return fail("stripe key", "the secret key does not start with sk_ or rk_", "Correct SHOP_STRIPE_SECRET_KEY.")
    if not publishable.startswith("pk_"):
        return fail("stripe key", "there is no publishable key (pk_…)", "Set SHOP_STRIPE_PUBLISHABLE_KEY.")
    modes = ["test" if "_test_" in key[:8] else "live" for key in (secret, publishable)]
    if modes[0] != modes[1]:
        return fail(
            "stripe key", f"secret key is {modes[0]}, publishable key is {modes[1]}", "Take both from one mode."
        )
    if settings.production and modes[0] == "test":
        return warn("stripe key", "test mode: no real money moves", "Set the live keys when you open.")
    return ok("stripe key", f"{modes[0]} mode" + (", sandbox" if settings.stripe_is_sandbox else ""))


def mail(settings: Settings) -> Finding:
    """Whether the mail server takes connections."""
    if settings.smtp_url is None:
        if settings.production:
            return fail(
                "mail", "SHOP_SMTP_URL is not set: no order is confirmed", "Set it to your mail server's address."
            )
        return ok("mail", "kept for the mailbox page")
    url = urlsplit(settings.smtp_url.get_secret_value())
    host, port = url.hostname or "", url.port or (465 if url.scheme == "smtps" else 25)
    try:
        with contextlib.closing(socket.create_connection((host, port), timeout=MAIL_SECONDS)):
            return ok("mail", f"{host}:{port} answers")
    except OSError as error:
        reason = error.strerror or str(error)
        return fail("mail", f"{host}:{port} does not answer: {reason}", "Correct SHOP_SMTP_URL, or start that server.")


def disk(settings: Settings) -> Finding:
    """Whether there is room for pictures and, in a clone, for the database."""
    folder = settings.media_path.absolute()
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    message = f"{free / 1e9:.1f} GB free for {_short(folder)}"
    if free < EMPTY_DISK:
        return fail("disk", message, "Free some space: uploads and the database will fail.")
    if free < LOW_DISK:
        return warn("disk", message, "Free some space soon.")
    return ok("disk", message)


def _short(folder: Path) -> str:
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
