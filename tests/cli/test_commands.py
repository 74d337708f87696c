"""Every command explains itself, and says in words what went wrong."""

from io import StringIO
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from dotenv import dotenv_values
from joserfc.jwk import RSAKey
from PIL import Image

from shop.api.accounts.auth import make_signer
from shop.cli import main
from shop.cli.state import with_secrets
from shop.kit.db import DatabaseUrl
from shop.kit.settings import Settings


def shop(*arguments: str, stdin: str = "", **environment: str) -> Result:
    """`shop …` as a person would run it, in this process; a traceback would be an exception that is no exit."""
    result = CliRunner().invoke(main.shop, arguments, input=stdin, env=environment, prog_name="shop")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in an empty folder, with a state folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOP_STATE_FOLDER", ".shop")


def test_the_list_names_every_command_with_a_sentence() -> None:
    listed = shop("--help")
    assert listed.exit_code == 0
    lines = {line.split()[0]: line for line in listed.output.splitlines() if line.startswith("  ")}
    assert [name for name in main.COMMANDS if len(lines[name].split()) < 4] == []


@pytest.mark.parametrize(
    "arguments", [*([name] for name in main.COMMANDS), ["stripe", "setup"], ["user", "create"]], ids=str
)
def test_every_command_has_help(arguments: list[str]) -> None:
    shown = shop(*arguments, "--help")
    assert shown.exit_code == 0
    assert shown.output.startswith(f"Usage: shop {' '.join(arguments)}")
    assert len(shown.output.splitlines()[2].split()) > 3


def test_a_setting_that_is_wrong_is_named_with_the_remedy() -> None:
    wrong = shop("migrate", SHOP_PORT="eighty", SHOP_DATABASE_URL="mysql://localhost/shop")
    assert wrong.exit_code == 1
    assert "SHOP_PORT: Input should be a valid integer" in wrong.stderr
    assert "SHOP_DATABASE_URL: the database URL must start with postgres://" in wrong.stderr
    assert "docs/settings.md" in wrong.stderr


def test_production_refuses_to_start_without_its_secrets(tmp_path: Path) -> None:
    refused = shop("worker", SHOP_ENVIRONMENT="production")
    assert refused.exit_code == 1
    for name in ("DATABASE_URL", "SECRET_KEY", "JWT_PRIVATE_KEY", "PUBLIC_URL", "STRIPE_SECRET_KEY"):
        assert f"SHOP_{name}" in refused.stderr
    assert not (tmp_path / ".shop").exists()


def test_a_database_that_is_down_is_explained_without_its_password() -> None:
    down = shop("migrate", SHOP_DATABASE_URL="postgres://shop:hidden@127.0.0.1:9/shop")
    assert down.exit_code == 1
    assert "Connection refused" in down.stderr
    assert "Mend:" in down.stderr
    assert "hidden" not in down.stderr


def test_reset_asks_first(tmp_path: Path) -> None:
    (tmp_path / ".shop" / "media").mkdir(parents=True)
    unasked = shop("reset", stdin="n\n")
    assert unasked.exit_code == 1
    assert (tmp_path / ".shop" / "media").exists()
    done = shop("reset", "--yes")
    assert done.exit_code == 0, done.stderr
    assert not (tmp_path / ".shop").exists()


def test_steps_can_be_undone_and_are_told(committed_url: DatabaseUrl) -> None:
    url = str(committed_url)
    down = shop("migrate", "--", "-1", SHOP_DATABASE_URL=url)
    assert down.exit_code == 0, down.stderr
    up = shop("migrate", SHOP_DATABASE_URL=url)
    assert len(up.stdout.splitlines()) == 1
    assert up.stdout != "The tables are up to date.\n"
    unknown = shop("migrate", "nonsense", SHOP_DATABASE_URL=url)
    assert unknown.exit_code == 1
    assert "Can't locate revision" in unknown.stderr


def test_gift_cards_are_issued_with_a_code_that_is_told_once(committed_url: DatabaseUrl) -> None:
    url = str(committed_url)
    issued = shop("giftcard", "create", "50", "usd", "--expires", "2099-12-31", SHOP_DATABASE_URL=url)
    assert issued.exit_code == 0, issued.stderr
    assert len(issued.stdout.strip().replace("-", "")) == 16
    own = shop("giftcard", "create", "20.00", "EUR", "--code", "winter-2099", "--tag", "winter", SHOP_DATABASE_URL=url)
    assert own.stdout == "winter-2099\n"
    for arguments, word in (
        (("20.00", "EUR", "--code", "WINTER2099"), "There is a gift card with this code"),
        (("20.00", "EUR", "--code", "short"), "8 to 64"),
        (("0", "EUR"), "more than nothing"),
        (("0.001", "EUR"), "decimals"),
        (("20", "EURO"), "no currency"),
        (("plenty", "EUR"), "no amount"),
        (("NaN", "EUR"), "no amount"),
    ):
        refused = shop("giftcard", "create", *arguments, SHOP_DATABASE_URL=url)
        assert refused.exit_code != 0
        assert word in refused.stderr


def test_vouchers_and_promotions_are_made(committed_url: DatabaseUrl) -> None:
    url = str(committed_url)
    with psycopg.connect(committed_url.psycopg(), autocommit=True) as database:
        database.execute(
            "INSERT INTO channel_channel (slug, name, currency, default_country) VALUES "
            "('main', 'Main', 'USD', 'US'), ('tokyo', 'Tokyo', 'JPY', 'JP')"
        )
        made = shop(
            "voucher", "create", "WELCOME10", " Hello ", "--percent", "10", "--limit", "5", SHOP_DATABASE_URL=url
        )
        assert made.stdout == "Shoppers can use WELCOME10, Hello.\n", made.stderr
        fixed = ("voucher", "create", "FIVE", "--amount", "main=5", "--minimum", "main=40", "--ends", "2099-12-31")
        assert shop(*fixed, SHOP_DATABASE_URL=url).exit_code == 0
        assert database.execute(
            "SELECT v.type, v.value_type, v.usage_limit, l.currency, l.value::text, l.minimum_amount::text "
            "FROM discount_voucher v JOIN discount_voucher_listing l ON l.voucher_id = v.id ORDER BY l.id"
        ).fetchall() == [
            ("ENTIRE_ORDER", "PERCENTAGE", 5, "USD", "10.000", None),
            ("ENTIRE_ORDER", "PERCENTAGE", 5, "JPY", "10.000", None),
            ("ENTIRE_ORDER", "FIXED", None, "USD", "5.000", "40.000"),
        ]
        big = ("promotion", "create", "Big carts", "--amount", "main=15", "--minimum-cart", "200")
        assert shop(*big, SHOP_DATABASE_URL=url).stdout == "Big carts is made.\n"
        assert shop("promotion", "delete", "Big carts", SHOP_DATABASE_URL=url).stdout == "Deleted: 1.\n"
        for arguments, word in (
            (("voucher", "create", "A"), "either --percent 10 or --amount"),
            (("voucher", "create", "A", "--percent", "ten"), "ten is no number"),
            (("voucher", "create", "A", "--percent", "101"), "more than 100 percent"),
            (("voucher", "create", "A", "--amount", "5"), "CHANNEL=AMOUNT"),
            (("voucher", "create", "A", "--amount", "tokyo=0.5"), "no amount of JPY"),
            (("voucher", "create", "A", "--percent", "5", "--channel", "moon"), "Known: main, tokyo"),
            (("voucher", "create", "A", "--amount", "main=5", "--channel", "main"), "belongs to --percent"),
            (("voucher", "create", "A", "--amount", "main=5", "--minimum", "tokyo=5"), "worth nothing in tokyo"),
            (("voucher", "create", "hello", "--percent", "5"), "code Hello already"),
            (("voucher", "create", "A", "--percent", "5", "--product", "moon"), "no product moon"),
            (("promotion", "create", "A", "--percent", "5", "--category", "moon"), "no category moon"),
            (("promotion", "delete", "Big carts"), "no promotion called Big carts"),
        ):
            refused = shop(*arguments, SHOP_DATABASE_URL=url)
            assert refused.exit_code != 0
            assert word in refused.stderr, refused.stderr
        assert database.execute("SELECT count(*) FROM discount_voucher").fetchone() == (2,)


def test_users_are_made_and_their_passwords_and_pictures_set(committed_url: DatabaseUrl, tmp_path: Path) -> None:
    url = str(committed_url)
    png = tmp_path / "face.png"
    Image.new("RGB", (2, 2)).save(png)
    made = shop(
        *("user", "create", "Owner@example.com", "--staff", "--permission", "MANAGE_ORDERS", "--password-stdin"),
        stdin="a long enough password\n",
        SHOP_DATABASE_URL=url,
    )
    assert made.exit_code == 0, made.stderr
    assert shop("user", "staff", SHOP_DATABASE_URL=url).stdout == "owner@example.com\n"
    changed = shop(
        "user", "password", "owner@example.com", "--password-stdin", stdin="another one\n",
        SHOP_DATABASE_URL=url,
    )  # fmt: skip
    assert changed.exit_code == 0, changed.stderr
    nobody = shop(
        "user", "password", "nobody@example.com", "--password-stdin", stdin="another one\n",
        SHOP_DATABASE_URL=url,
    )  # fmt: skip
    assert (nobody.exit_code, nobody.stdout) == (1, "")
    assert "No user has the e-mail nobody@example.com" in nobody.stderr
    media = tmp_path / "media"
    shown = shop(
        "user", "avatar", "owner@example.com", str(png), SHOP_DATABASE_URL=url, SHOP_MEDIA_FOLDER=str(media)
    )  # fmt: skip
    assert shown.stdout == "owner@example.com is shown with face.png.\n", shown.stderr
    assert len(list(media.glob("*/*.png"))) == 1
    unshown = shop("user", "avatar", "owner@example.com", SHOP_DATABASE_URL=url)
    assert unshown.stdout == "owner@example.com is shown without a picture.\n"
    unknown = shop(
        "user", "create", "x@example.com", "--staff", "--permission", "RULE_THE_WORLD", "--password-stdin",
        stdin="another one\n", SHOP_DATABASE_URL=url,
    )  # fmt: skip
    assert unknown.exit_code == 2


def test_the_signing_key_is_replaced_in_the_state_folder() -> None:
    before = with_secrets(Settings())
    done = shop("keys", "rotate")
    assert "signed with another key" in done.stdout
    assert "30 days" in done.stderr
    after = with_secrets(Settings())
    assert after.jwt_private_key != before.jwt_private_key
    first, second = (make_signer(settings.model_copy(update={"public_url": "x"})) for settings in (before, after))
    assert [key["kid"] for key in second.public_keys()["keys"]] == [second.kid, first.kid]
    shop("keys", "rotate")
    third = make_signer(with_secrets(Settings()).model_copy(update={"public_url": "x"}))
    assert [key["kid"] for key in third.public_keys()["keys"]] == [third.kid, second.kid, first.kid]


def test_a_signing_key_that_is_set_is_replaced_by_whoever_set_it(jwt_private_key: str) -> None:
    done = shop("keys", "rotate", SHOP_JWT_PRIVATE_KEY=jwt_private_key)
    printed = dotenv_values(stream=StringIO(done.stdout))
    old = RSAKey.import_key(jwt_private_key)
    assert printed["SHOP_JWT_PREVIOUS_PUBLIC_KEYS"] == old.as_pem(private=False).decode()
    assert RSAKey.import_key(str(printed["SHOP_JWT_PRIVATE_KEY"])).thumbprint() != old.thumbprint()
    assert jwt_private_key not in done.output


def test_there_is_nothing_to_replace_without_a_key() -> None:
    nothing = shop("keys", "rotate", SHOP_ENVIRONMENT="test")
    assert nothing.exit_code == 1
    assert "SHOP_JWT_PRIVATE_KEY" in nothing.stderr
