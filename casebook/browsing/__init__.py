"""Rows to look through: filter them, click one, see its timeline and its evidence."""
