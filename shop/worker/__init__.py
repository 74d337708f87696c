"""Runs the queue: inside the web process in development, as `shop worker` in production."""
