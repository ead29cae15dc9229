"""What readers see: codebook, case pages, comparison, and the sources behind a value."""
