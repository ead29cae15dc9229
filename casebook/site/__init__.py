"""A web site of a casebook: plain files that anyone can read in a browser, without a server and without a network.

Every case, channel, event, term and claim has a page, and so has every variable, source and person. Each coded value
stands there with the sources that support it, the rival readings, and what it rests on; its address is made of the
identifiers alone, and so stays when the casebook grows. The pages are drawn by Jinja2 from templates in this package,
with every text escaped; they lead to each other by relative links, work from any folder and from ``file://``, and load
nothing from elsewhere.
"""

from casebook.site.writing import DOWNLOADS, Built, write_site

__all__ = ["DOWNLOADS", "Built", "write_site"]
