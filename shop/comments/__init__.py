"""Comments under pages: threads, what keeps spam out, moderation, and mails about them."""
