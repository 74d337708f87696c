"""Every setting of the product, read once from the environment (prefix `SHOP_`) and from `.env`.

The defaults run a clone without any file to edit; `production` refuses secrets that were not set.
"""

from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, DirectoryPath, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shop.kit.db.url import DatabaseUrl


class Environment(StrEnum):
    """Where the process runs; it decides which defaults are acceptable."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class ExecutionMode(StrEnum):
    """Who executes GraphQL documents: the compiled engine, or graphql-core as its oracle."""

    ENGINE = "engine"
    REFERENCE = "reference"


def _valid_database_url(value: str | None) -> str | None:
    if value is not None:
        DatabaseUrl.parse(value)
    return value


class Settings(BaseSettings):
    """All settings; immutable once read.

    Units: names end in `_seconds`, `_bytes`, `_days` where the type does not carry the unit.
    """

    model_config = SettingsConfigDict(
        env_prefix="SHOP_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    environment: Environment = Field(Environment.DEVELOPMENT, description="development, test or production")
    state_folder: Path = Field(Path(".shop"), description="Where development keeps its database, keys and files")

    # Serving
    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int | None = Field(None, ge=0, le=65535, description="Port to listen on; unset: 8000 or the next free one")
    public_url: str | None = Field(None, description="The address visitors use; the issuer of the tokens")
    allowed_client_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Comma-separated origins that payment and account links may return to, beside the public URL"
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Comma-separated Host headers to answer; empty: any"
    )
    trusted_proxies: str = Field("127.0.0.1", description="Addresses whose X-Forwarded-* headers are believed")
    request_body_max_bytes: int = Field(256 * 1024, gt=0, description="Largest GraphQL request body")
    request_upload_max_bytes: int = Field(
        25 * 1024**2, gt=0, description="Largest GraphQL request that brings files, all of them together"
    )
    compress_responses: bool = Field(
        default=True, description="Send text compressed; off where a proxy in front does it"
    )

    # Database
    database_url: Annotated[str | None, AfterValidator(_valid_database_url)] = Field(
        None, description="postgres://… of your own server; unset: an embedded PostgreSQL in the state folder"
    )
    database_pool_size: int = Field(10, gt=0, description="Connections a process may hold")
    database_pool_timeout_seconds: float = Field(4.0, gt=0, description="How long a request waits for a connection")
    database_statement_timeout_seconds: float = Field(5.0, gt=0, description="Longest statement of a request")
    database_lock_timeout_seconds: float = Field(4.0, gt=0, description="Longest wait for a lock")
    pg_home: Path | None = Field(None, description="Where the embedded PostgreSQL lives when the clone is private")

    # Keys
    secret_key: SecretStr | None = Field(None, description="Root of all derived keys; at least 32 characters")
    jwt_private_key: SecretStr | None = Field(None, description="RSA private key (PEM) that signs access tokens")
    jwt_previous_public_keys: str | None = Field(
        None, description="Public keys (PEM) of earlier private ones, whose tokens stay good; see `shop keys rotate`"
    )
    access_token_seconds: int = Field(300, gt=0, description="Life of an access token")
    refresh_token_days: int = Field(30, gt=0, description="Life of a refresh token")

    # Demo
    demo_password: SecretStr | None = Field(None, description="Password of the demo's staff user; unset: random")

    # Payments
    stripe_secret_key: SecretStr | None = Field(None, description="sk_…; unset: the local sandbox, never in production")
    stripe_publishable_key: str | None = Field(None, description="pk_…, handed to storefronts")
    stripe_webhook_secret: SecretStr | None = Field(None, description="whsec_…; overrides the stored one")
    stripe_api_url: str = Field("https://api.stripe.com", description="Stripe's address; the sandbox's in development")
    stripe_timeout_seconds: float = Field(10.0, gt=0, description="Longest wait for one call to Stripe")
    dummy_gateway: bool = Field(
        default=False, description="Offer a payment gateway that only pretends to be paid; never in production"
    )
    paid_cart_grace_seconds: int = Field(900, ge=0, description="How long a payment waits for a cart that must change")
    promo_code_tries_per_checkout: int = Field(
        10, gt=0, description="Promo codes that do not apply which a checkout may try before each makes the next wait"
    )
    promo_code_tries_per_address_hourly: int = Field(
        100, gt=0, description="The same for one address in an hour; a storefront's server is one for all its shoppers"
    )

    # Bookings
    booking_intake_days: int = Field(
        365, ge=1, description="Days after a visit for which the answers of its intake form are kept"
    )
    booking_holds_per_client: int = Field(
        10, gt=0, description="Slots that one user, or one visitor's address, may hold at a time without paying"
    )

    # Comments
    comments_page_types: Annotated[tuple[str, ...], NoDecode] = Field(
        ("article", "medical-article", "blog", "post"),
        description="Comma-separated slugs of the page types that take comments; a page's metadata decides otherwise",
    )
    comments_close_after_days: int = Field(
        365, ge=0, description="Days after its publication for which a page takes comments; 0: for ever"
    )
    comments_hold_all: bool = Field(default=False, description="Show no comment before somebody has approved it")
    comments_most_links: int = Field(1, ge=0, description="Links that a comment may hold without waiting for approval")
    comments_held_words: Annotated[tuple[str, ...], NoDecode] = Field(
        ("casino", "viagra", "cialis", "payday loan", "backlinks"),
        description="Comma-separated words with which a comment waits for approval",
    )
    comments_traces_days: int = Field(
        90, ge=1, description="Days for which a comment's shortened address and its program are kept, and spam at all"
    )

    # Mail
    smtp_url: SecretStr | None = Field(None, description="smtp[s]://user:password@host:port; unset: a mailbox page")
    mail_from: str = Field("shop@example.com", description="Sender of the shop's mails")

    # Files
    media_folder: Path | None = Field(None, description="Where pictures are kept; unset: in the state folder")

    # Storefront
    storefront_channels: Annotated[tuple[str, ...], NoDecode] = Field(
        ("default-channel", "europe"), description="Comma-separated slugs of the channels the storefront offers"
    )
    storefront_theme: DirectoryPath | None = Field(
        None, description="Folder with templates and files that take the place of the storefront's own"
    )

    # GraphQL
    execution: ExecutionMode = Field(ExecutionMode.ENGINE, description="engine, or reference to compare with")
    graphql_max_cost: int = Field(50_000, gt=0, description="Largest cost of one document")
    graphql_max_depth: int = Field(25, gt=0, description="Deepest nesting of one document")
    graphql_max_aliases: int = Field(100, gt=0, description="Most aliases in one document")
    graphql_max_mutations: int = Field(4, gt=0, description="Most root mutations in one document")
    graphql_max_page_size: int = Field(100, gt=0, description="Largest `first` or `last`")
    graphql_max_tokens: int = Field(3_500, gt=0, description="Most words and signs in one document")
    graphql_max_definitions: int = Field(150, gt=0, description="Most operations and fragments in one document")
    graphql_max_nesting: int = Field(60, gt=0, description="Deepest brackets in one document, of any kind")
    graphql_max_selections: int = Field(5_000, gt=0, description="Most fields after fragments are expanded")
    graphql_max_overlaps: int = Field(
        5_000, gt=0, description="Most pairs of fields with one response name that are compared"
    )
    graphql_max_directives: int = Field(100, gt=0, description="Most directives in one document")
    graphql_max_auth_mutations: int = Field(
        1, gt=0, description="Most log-ins and other uses of secrets in one document"
    )
    graphql_default_page_size: int = Field(
        10, gt=0, description="What a list without `first` or `last` counts in the cost"
    )
    graphql_document_cache_bytes: int = Field(64 * 1024 * 1024, ge=0, description="Room for parsed documents")

    response_cache_bytes: int = Field(
        16 * 1024 * 1024, ge=0, description="Room for answers that are the same for every visitor; 0: none are kept"
    )

    # Logs and metrics
    log_format: str = Field("auto", pattern="^(auto|json|console)$", description="json, console, or auto by terminal")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Least level that is written")
    metrics_token: SecretStr | None = Field(
        None,
        description="Bearer token that /metrics asks for; unset: this machine alone is answered, nobody in production",
    )

    @field_validator(
        "allowed_client_origins",
        "allowed_hosts",
        "storefront_channels",
        "comments_page_types",
        "comments_held_words",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _http_url(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError(f"{info.field_name} must start with http:// or https://")
        return value.rstrip("/") if value else value

    @model_validator(mode="after")
    def _production_is_complete(self) -> Self:
        if self.environment is not Environment.PRODUCTION:
            return self
        missing = [
            f"SHOP_{name.upper()}"
            for name in ("database_url", "secret_key", "jwt_private_key", "public_url", "stripe_secret_key")
            if getattr(self, name) is None
        ]
        if missing:
            raise ValueError(f"production needs {', '.join(missing)}")
        if self.dummy_gateway:
            raise ValueError("SHOP_DUMMY_GATEWAY takes no money: production does not start with it")
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("SHOP_SECRET_KEY must have at least 32 characters")
        return self

    @cached_property
    def media_path(self) -> Path:
        """The folder of pictures."""
        return self.media_folder or self.state_folder / "media"

    @property
    def production(self) -> bool:
        """Whether defaults and conveniences for developers are off."""
        return self.environment is Environment.PRODUCTION

    @property
    def stripe_is_sandbox(self) -> bool:
        """Whether payments go to the local stand-in instead of Stripe."""
        return not self.stripe_api_url.startswith("https://api.stripe.com")
