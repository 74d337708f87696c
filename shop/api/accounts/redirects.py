"""Links in mails lead to storefronts that the shop's owner named, and to nobody else."""

from shop.api.core.context import Context
from shop.api.payments.addresses import client_origins
from shop.channels.queries import CHANNELS_BY_SLUG
from shop.kit.errors import Conflict, Invalid, NotFound
from shop.payments.rules import return_url_problem


def checked_redirect(context: Context, url: str | None) -> str:
    """The address, which may carry a token. Raises: Invalid (REQUIRED, INVALID) on `redirectUrl`."""
    if not url:
        raise Invalid("This field is required.", field="redirectUrl", code="REQUIRED")
    # The same rule as for the addresses that payments return to.
    problem = return_url_problem(url, client_origins(context))
    if problem is not None:
        raise Invalid(f"redirectUrl {problem}", field="redirectUrl")
    return url


async def check_channel(context: Context, slug: str | None) -> None:
    """The channel exists and sells, where one is named. Raises: NotFound, Conflict (CHANNEL_INACTIVE) on `channel`."""
    if slug is None:
        return
    rows = await context.rows(CHANNELS_BY_SLUG, slugs=[slug])
    if not rows:
        raise NotFound("There is no such channel.", field="channel")
    if not rows[0]["active"]:
        raise Conflict("The channel does not sell at present.", field="channel", code="CHANNEL_INACTIVE")
