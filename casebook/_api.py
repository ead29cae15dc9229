"""The methods of the packaged release, as functions of the package."""

from casebook.book import packaged_release

_release = packaged_release()

__version__ = _release.metadata.version
tables = _release.tables
load = _release.load
narrow = _release.narrow
codebook = _release.codebook
schema = _release.schema.__call__
find = _release.find
case = _release.case
evidence = _release.evidence
compare = _release.compare
cite = _release.cite
bibliography = _release.bibliography
verify = _release.verify
history = _release.history
agreement = _release.agreement
export = _release.export
