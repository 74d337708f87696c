"""Shop: a headless e-commerce and booking backend that speaks Saleor's GraphQL API."""
