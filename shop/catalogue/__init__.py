"""What is sold: product types, products, variants, categories, collections, media."""
