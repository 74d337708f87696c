"""The demo shop: pages rendered on the server that speak only the GraphQL documents in `graphql/`, as any other would.

It holds no business rule and reads no table: what it knows, it asked the API for.
"""
