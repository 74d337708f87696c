"""Flat tax rates per class and country, and whether prices are entered with tax."""
