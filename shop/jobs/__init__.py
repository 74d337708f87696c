"""Work that runs later: queued in the caller's transaction, done at least once.

    @job("mail.send")
    async def send(context: JobContext, *, message_id: str) -> None: ...

    await enqueue(session, "mail.send", {"message_id": str(message.id)})

A job that died with its worker is run again; so is one that raised, with growing pauses. Handlers therefore carry
unique keys: doing the same twice has the effect of once.
"""

from shop.jobs.queue import enqueue
from shop.jobs.registry import Job, JobContext, job, jobs

__all__ = ["Job", "JobContext", "enqueue", "job", "jobs"]
