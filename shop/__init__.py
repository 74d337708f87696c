"""Shop: a headless e-commerce and booking backend that speaks Saleor's GraphQL API."""

__version__ = "0.1.0"
