"""What every room may use: places of packaged files, atomic writing, optional libraries, progress."""
