"""Tables larger than memory, or than a machine: the same declarations, checked by a database engine through ibis."""
