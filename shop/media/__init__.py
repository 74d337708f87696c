"""Files: pictures stored once by their content, thumbnails made on first request."""
