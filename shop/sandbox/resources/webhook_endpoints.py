"""Webhook endpoints: who is told, of what, signed with which secret.

Source: https://docs.stripe.com/api/webhook_endpoints
"""

from urllib.parse import urlsplit

from shop.sandbox.call import API_VERSION, Call, merged_metadata, operation, page
from shop.sandbox.errors import invalid
from shop.sandbox.store import Json, Unit, random_id

# The endpoint that the process was started with has one id for ever, so that a restart changes it in place.
INITIAL_ID = "we_sandbox_initial"


def _new(now: int, url: str, secret: str, key: str) -> Json:
    return {
        "id": key,
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": now,
        "description": None,
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
        "_secret": secret,
    }


def set_initial(unit: Unit, url: str | None, secret: str | None) -> None:
    """The endpoint named at start exists with that address and secret, or is gone when none was named.

    Raises: ValueError for an address without a secret.
    """
    known = unit.find("webhook_endpoint", INITIAL_ID)
    if url is None:
        if known is not None:
            unit.remove(INITIAL_ID)
        return
    if not secret:
        raise ValueError("A webhook address needs its signing secret.")
    _check_url(url)
    if known is None:
        unit.add(_new(unit.now, url, secret, INITIAL_ID), "webhook_endpoint")
    else:
        unit.save(known | {"url": url, "_secret": secret})


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise invalid(
            "Invalid URL: An explicit scheme (such as https) must be provided.", param="url", code="url_invalid"
        )


def _create(call: Call, path: dict[str, str], params: Json) -> Json:
    _check_url(params["url"])
    endpoint = _new(call.now, params["url"], random_id("whsec_", 32), random_id("we_1"))
    endpoint["enabled_events"] = params["enabled_events"]
    endpoint["description"] = params.get("description") or None
    endpoint["api_version"] = params.get("api_version") or API_VERSION
    endpoint["metadata"] = merged_metadata({}, params.get("metadata"))
    call.unit.add(endpoint, "webhook_endpoint")
    # The secret is told once, here, and never again.
    return endpoint | {"secret": endpoint["_secret"]}


def _retrieve(call: Call, path: dict[str, str], params: Json) -> Json:
    return call.unit.get("webhook_endpoint", path["id"])


def _update(call: Call, path: dict[str, str], params: Json) -> Json:
    endpoint = call.unit.get("webhook_endpoint", path["id"])
    if "url" in params:
        _check_url(params["url"])
        endpoint["url"] = params["url"]
    if "enabled_events" in params:
        endpoint["enabled_events"] = params["enabled_events"]
    if "description" in params:
        endpoint["description"] = params["description"] or None
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = merged_metadata(endpoint["metadata"], params.get("metadata"))
    return call.unit.save(endpoint)


def _delete(call: Call, path: dict[str, str], params: Json) -> Json:
    endpoint = call.unit.get("webhook_endpoint", path["id"])
    call.unit.remove(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def _list(call: Call, path: dict[str, str], params: Json) -> Json:
    return page(call, "webhook_endpoint", "/v1/webhook_endpoints", params)


_ROOT, _ONE = "/v1/webhook_endpoints", "/v1/webhook_endpoints/{id}"
OPERATIONS = (
    operation(
        "POST", _ROOT, "WebhookEndpointCreateParams", "url enabled_events description metadata api_version", _create
    ),
    operation("GET", _ROOT, "WebhookEndpointListParams", "limit starting_after ending_before", _list),
    operation("GET", _ONE, "WebhookEndpointRetrieveParams", "", _retrieve),
    operation("POST", _ONE, "WebhookEndpointUpdateParams", "url enabled_events description metadata disabled", _update),
    operation("DELETE", _ONE, "WebhookEndpointDeleteParams", "", _delete),
)
