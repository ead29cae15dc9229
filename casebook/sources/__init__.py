"""Published sources as such: their form in CSL, BibTeX and RIS, and their citation."""
