"""What opens units of work for appointments: by the clock, or around mails and calendars. A file a subject."""
