"""A stand-in for Stripe: the parts of its protocol that the shop uses, with state, signed webhooks and a pay page.

It runs as an ASGI app and a process of its own and knows nothing of the shop. No money moves here, and it was never
certified by Stripe: it exists so that a clone works without keys and so that payment faults can be rehearsed.
"""
