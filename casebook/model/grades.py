"""On what values rest: how a source is weighed by who answers for it and how much of it was seen.

The rule is written in the schemas of `evidence` (confidence), `sources` (reliability) and `support` (rests_on).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

CONFIDENCE = ("low", "medium", "high")
BASES = ("stated", "classified", "inferred", "reported")
"""From the nearest to the value to the farthest."""


@dataclass(frozen=True)
class Work:
    """A source as far as it weighs.

    Attributes
    ----------
    consulted, reliability : str
        As in the table ``sources``; releases before 2.0.0 have no reliability.
    author : str
        Who answers for it; accounts are independent if these differ.
    """

    consulted: str
    reliability: str | None
    author: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Work:
        """The work that a row of the table ``sources`` describes."""
        author = row.get("author") or row.get("container") or row.get("title") or row["source_id"]
        return cls(str(row.get("consulted")), row.get("reliability"), str(author).casefold())

    @property
    def opened(self) -> bool:
        return self.consulted != "not_opened"

    @cached_property
    def counts(self) -> bool:
        """Whether it was seen itself and is not weak."""
        return self.consulted in ("part", "full") and self.reliability != "weak"

    @property
    def ceiling(self) -> str:
        """The greatest confidence that it allows by itself."""
        if self.reliability is None:
            return "high"
        if not self.opened or self.reliability == "weak":
            return "low"
        return "high" if self.counts else "medium"

    def allows(self, confidence: str) -> str:
        """A confidence, but no greater than the work allows."""
        return min(confidence, self.ceiling, key=CONFIDENCE.index)


def rests_on(works: Iterable[Work]) -> str:
    """The best support that works give, as in the table ``support``.

    Examples
    --------
    >>> rests_on([Work("full", "record", "a")])
    'record'
    >>> rests_on([Work("part", "interested", "a"), Work("full", "accountable", "b")])
    'independent'
    >>> rests_on([Work("part", "interested", "a"), Work("summary", "scrutinized", "b")])
    'one_account'
    >>> rests_on([Work("summary", "scrutinized", "b")])
    'unseen'
    """
    given = list(works)
    counting = [work for work in given if work.counts]
    reliabilities = {work.reliability for work in counting}
    if "record" in reliabilities:
        return "record"
    if len({work.author for work in counting}) > 1:
        return "independent"
    if "scrutinized" in reliabilities:
        return "scrutinized"
    if counting:
        return "one_account"
    return "weak" if all(work.reliability == "weak" for work in given) else "unseen"


def overconfident(confidence: str, works: Mapping[str, Work]) -> str | None:
    """What is wrong with a confidence, if the works named do not bear it."""
    if confidence != "high" or not works:
        return None
    grade = rests_on(works.values())
    if grade in ("record", "independent", "scrutinized"):
        return None
    names = ", ".join(works)
    if not any(work.opened for work in works.values()):
        return f"rests with high confidence on {names}, which was not opened; medium at most"
    if any(work.reliability is None for work in works.values()):
        return None
    short = {
        "weak": "weak in reliability",
        "unseen": "seen only in summary or not at all",
        "one_account": "one account, neither a record of the time nor a scrutinized work",
    }
    return f"rests with high confidence on {names}: {short[grade]}; medium at most, or name a source that bears it"


Said = tuple[str, str, str, str]
"""Source, confidence, basis, and the rival value that it gives or an empty text."""


def summary(said: Sequence[Said], works: Mapping[str, Work]) -> dict[str, Any] | None:
    """What the table ``support`` says of a value; nothing where no source supports it."""
    supporting = [entry for entry in said if not entry[3]]
    if not supporting:
        return None
    sources, confidences, bases, _ = zip(*supporting, strict=True)
    distinct = set(sources)
    return {
        "rests_on": rests_on(works[source] for source in distinct),
        "basis": min(bases, key=BASES.index),
        "confidence": max(confidences, key=CONFIDENCE.index),
        "works": len(distinct),
        "rivals": len({reads for *_, reads in said if reads}),
    }
