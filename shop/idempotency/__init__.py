"""Answers kept for a day by the key that a client sent with its request, so that asking again does nothing twice.

Who asks and what GraphQL is are not known here: callers come with a digest of both.
"""
