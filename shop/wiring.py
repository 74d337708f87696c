"""Who listens to which event, in which order, and which jobs exist. Called once by whatever process does work."""

from shop.mail import jobs as mail_jobs

# Importing a slice's `jobs` declares its jobs.
JOBS = (mail_jobs,)


def connect() -> None:
    """Every event has its listeners; calling it again changes nothing."""
