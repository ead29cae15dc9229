"""A built casebook where it lies: tables, archives, verification, and what changed between two releases."""
