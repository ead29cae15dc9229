"""A casebook as it would stand if its sources were read otherwise, and what then holds."""
