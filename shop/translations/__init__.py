"""Texts of rows of all slices in other languages."""
