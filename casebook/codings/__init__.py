"""Independent codings: blank sheets for them, lists of units, and the agreement between coders as readers see it."""
