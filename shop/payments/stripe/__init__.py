"""Stripe: the only place of the shop that speaks to it, and the only one that knows minor units."""

from shop.payments.stripe.client import StripeProvider, provider
from shop.payments.stripe.webhooks import Delivered, SignatureRefused, verify

__all__ = ["Delivered", "SignatureRefused", "StripeProvider", "provider", "verify"]
