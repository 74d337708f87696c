"""Vouchers and promotions: who gets what off, from when until when, how often."""
