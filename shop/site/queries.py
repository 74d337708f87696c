"""Reads of the shop's own row."""

from sqlalchemy import select

from shop.site.models import SiteSettings

SETTINGS = select(
    SiteSettings.name,
    SiteSettings.description,
    SiteSettings.header_text,
    SiteSettings.contact_email,
    SiteSettings.limit_quantity_per_checkout,
    SiteSettings.reserve_minutes_guest,
    SiteSettings.reserve_minutes_user,
    SiteSettings.metadata_public.label("metadata_public"),
    SiteSettings.metadata_private.label("metadata_private"),
)
