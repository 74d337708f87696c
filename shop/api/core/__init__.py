"""What every part of the API shares: the request's context, scalars, errors, permissions, mutations and the schema."""
