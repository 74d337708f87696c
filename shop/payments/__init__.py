"""Money received and given back: one ledger of transactions, two ways of paying through Stripe."""
