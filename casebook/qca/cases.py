"""What the rows themselves show: a typology with its deviant rows, and consistency by case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from casebook.errors import CasebookError
from casebook.qca.truthtable import TOLERANCE, Sets, formula, membership, ratio, total

if TYPE_CHECKING:
    import pandas as pd

    from casebook.qca.minimize import Model
    from casebook.qca.solution import Solved


def typology(solved: Solved) -> pd.DataFrame:
    """Every configuration that occurs, with the rows that show it on each side of the outcome.

    See `casebook.qca.QCA.typology`.
    """
    import pandas as pd

    sets = solved.sets
    columns = ["type", "rows", "outcome", "with_outcome", "without_outcome", "undecided", "deviant"]
    lines = []
    for code, corner in zip(sets.codes, sets.corners, strict=True):
        members = np.flatnonzero(corner > 0.5 + TOLERANCE)
        if not len(members):
            continue
        inside = [sets.rows[place] for place in members if sets.y[place] > 0.5 + TOLERANCE]
        outside = [sets.rows[place] for place in members if sets.y[place] < 0.5 - TOLERANCE]
        between = [sets.rows[place] for place in members if sets.rows[place] not in {*inside, *outside}]
        deviant = [] if not inside or not outside else inside if len(inside) < len(outside) else outside
        lines.append(
            {
                "type": formula(sets.conditions, [sets.term(((1 << len(sets.conditions)) - 1, code))]),
                "rows": len(members),
                "outcome": "mixed" if inside and outside else "present" if inside else "absent" if outside else "",
                "with_outcome": ", ".join(inside),
                "without_outcome": ", ".join(outside),
                "undecided": ", ".join(between),
                "deviant": ", ".join(deviant),
            }
        )
    frame = pd.DataFrame(lines, columns=columns)
    return frame.sort_values("rows", ascending=False, kind="stable", ignore_index=True)


def by_cluster(sets: Sets, model: Model) -> pd.DataFrame:
    """Consistency and coverage of every term of a model, pooled, between clusters and within each.

    See `casebook.qca.QCA.clusters`.
    """
    import pandas as pd

    if sets.clusters is None:
        raise CasebookError("it is not known what the rows belong to; give solve(…, clusters=…) a label for each row")
    names = sorted(set(sets.clusters))
    places = {name: np.array([label == name for label in sets.clusters]) for name in names}
    terms = [(formula(sets.conditions, [sets.term(one)]), membership(sets.x, sets.term(one))) for one in model]
    if len(terms) > 1:
        terms.append(("(all terms)", sets.within(model)))
    lines: list[dict[str, Any]] = []
    for label, x in terms:
        within = [_fit(label, "within", name, x[places[name]], sets.y[places[name]]) for name in names]
        means = [np.array([values[places[name]].mean() for name in names]) for values in (x, sets.y)]
        shares = np.array([line["consistency"] for line in within if not np.isnan(line["consistency"])])
        pooled = _fit(label, "pooled", "", x, sets.y)
        pooled["distance"] = (
            float(np.sqrt(total((shares / shares.sum() - 1 / len(shares)) ** 2))) if shares.sum() > 0 else np.nan
        )
        lines += [pooled, _fit(label, "between", "", *means), *within]
    return pd.DataFrame(lines, columns=["term", "level", "cluster", "members", "consistency", "coverage", "distance"])


def _fit(term: str, level: str, cluster: str, x: Any, y: Any) -> dict[str, Any]:
    both = total(np.minimum(x, y))
    return {
        "term": term,
        "level": level,
        "cluster": cluster,
        "members": int((x > 0.5 + TOLERANCE).sum()),
        "consistency": float(ratio(both, total(x))) if total(x) > TOLERANCE else float("nan"),
        "coverage": float(ratio(both, total(y))) if total(y) > TOLERANCE else float("nan"),
        "distance": float("nan"),
    }
