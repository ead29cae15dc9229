"""Agreement between coders in figures: what each gave, and coefficients of it."""
