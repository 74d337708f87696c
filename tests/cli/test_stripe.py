"""`shop stripe setup` against the sandbox, as an owner would run it against Stripe."""

import psycopg
import pytest
from click.testing import CliRunner, Result

from shop.cli import main
from shop.cli.sandbox import running_sandbox
from shop.kit.db import DatabaseUrl
from shop.kit.settings import Settings

# The SDK still hands form bodies to httpx in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")


def setup(url: str, **environment: str) -> Result:
    result = CliRunner().invoke(main.shop, ["stripe", "setup", url], env=environment, prog_name="shop")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def environment(committed_url: DatabaseUrl, settings: Settings) -> dict[str, str]:
    assert settings.secret_key is not None
    return {
        "SHOP_ENVIRONMENT": "test",
        "SHOP_DATABASE_URL": str(committed_url),
        "SHOP_SECRET_KEY": settings.secret_key.get_secret_value(),
    }


def test_it_makes_the_endpoint_once_and_keeps_the_secret_sealed(
    settings: Settings, environment: dict[str, str], committed_url: DatabaseUrl
) -> None:
    settings.state_folder.mkdir()
    with running_sandbox(settings) as (reach, sandbox):
        assert reach.stripe_secret_key is not None
        environment["SHOP_STRIPE_SECRET_KEY"] = reach.stripe_secret_key.get_secret_value()
        environment["SHOP_STRIPE_API_URL"] = reach.stripe_api_url
        sandbox.wait()
        first = setup("https://clinic.test", **environment)
        assert first.exit_code == 0, first.stderr
        assert "https://clinic.test/webhooks/stripe (we_" in first.stdout
        assert "instead of" not in first.stdout
        again = setup("https://clinic.test/", **environment)
        assert "instead of we_" in again.stdout, again.stderr
    with psycopg.connect(committed_url.psycopg()) as connection:
        rows = connection.execute("SELECT sealed FROM payment_provider_secret").fetchall()
    assert len(rows) == 2
    assert not [sealed for (sealed,) in rows if "whsec" in sealed]


def test_without_a_key_it_says_which_setting_is_missing(environment: dict[str, str]) -> None:
    refused = setup("https://clinic.test", **environment)
    assert refused.exit_code == 1
    assert "SHOP_STRIPE_SECRET_KEY is not set" in refused.stderr


def test_a_provider_that_is_not_there_is_explained(environment: dict[str, str]) -> None:
    environment |= {"SHOP_STRIPE_SECRET_KEY": "sk_test_x", "SHOP_STRIPE_API_URL": "http://127.0.0.1:9"}
    refused = setup("https://clinic.test", **environment)
    assert refused.exit_code == 1
    assert "Stripe refused" in refused.stderr


def test_an_address_stripe_would_not_send_to_is_a_usage_error(environment: dict[str, str]) -> None:
    assert setup("http://clinic.test", **environment).exit_code == 2
