"""Appointments in the API: what can be booked, slots, bookings, sessions of packages."""
