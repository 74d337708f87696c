"""Products, variants, categories and collections in the API."""
