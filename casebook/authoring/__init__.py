"""The files that people write, each problem with its line, and the builder that turns them into tables."""
