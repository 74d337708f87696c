"""Appointments: who can be booked when, time that is held or taken, sessions of packages, and what cancelling costs."""
