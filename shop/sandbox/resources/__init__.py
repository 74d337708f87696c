"""The objects of Stripe's API that the sandbox keeps, one module per resource."""
