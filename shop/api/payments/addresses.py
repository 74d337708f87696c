"""Where browsers may be sent back to."""

from urllib.parse import urlsplit

from shop.api.core.context import Context


def client_origins(context: Context) -> set[str]:
    """The origins of this shop's own pages and of the storefronts that its owner named."""
    parts = urlsplit(context.settings.public_url or context.base_url)
    return {f"{parts.scheme}://{parts.netloc}", *context.settings.allowed_client_origins}
