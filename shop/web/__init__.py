"""The ASGI application: routes, middleware, health, webhooks. HTTP words stay here."""
