"""Mails: written as rows in the unit of their cause, sent by a job."""
