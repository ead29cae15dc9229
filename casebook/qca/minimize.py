"""Boolean minimization: prime implicants, every shortest cover, and the three solutions of a truth table.

Configurations are whole numbers, one bit for each condition (1 present). An implicant is a pair of such numbers: which
conditions it mentions, and their states. Prime implicants follow Quine (1952) and McCluskey (1956); covers of the prime
implicant chart are searched exhaustively, as Petrick's method does, so that model ambiguity shows (Baumgartner and
Thiem 2017, Sociological Methods & Research 46(4)). Easy counterfactuals follow Ragin and Sonnett (2005), for each pair
of a complex and a parsimonious model, as R's package QCA does (Dușa 2019, QCA with R, chapter 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from itertools import islice, product, starmap
from operator import or_

MAX_MODELS = 1_000
MAX_STEPS = 5_000
KINDS = ("complex", "intermediate", "parsimonious")
Implicant = tuple[int, int]
Model = tuple[Implicant, ...]


@dataclass(frozen=True)
class Models:
    """Every model of a solution, the one shown first; `complete` is False where there were too many to list."""

    found: tuple[Model, ...]
    complete: bool = True


@dataclass(frozen=True)
class Rows:
    """Which configurations of a truth table are sufficient and which are not; all others are remainders."""

    width: int
    positive: frozenset[int]
    negative: frozenset[int]

    @property
    def everything(self) -> frozenset[int]:
        return frozenset(range(1 << self.width))

    @property
    def remainders(self) -> frozenset[int]:
        return self.everything - self.positive - self.negative


def covers(implicant: Implicant, configuration: int) -> bool:
    """Whether a configuration lies in an implicant.

    Examples
    --------
    >>> covers((0b011, 0b001), 0b101), covers((0b011, 0b001), 0b111)
    (True, False)
    """
    return configuration & implicant[0] == implicant[1]


def primes(width: int, positive: Iterable[int], negative: Iterable[int]) -> list[Implicant]:
    """Prime implicants that cover a positive configuration and no negative one, the shortest first.

    An implicant is prime if it meets a negative configuration as soon as any one of its conditions is dropped.

    Examples
    --------
    >>> primes(2, positive=[0b11, 0b01], negative=[0b00, 0b10])
    [(1, 1)]
    """
    wanted, hit = _projected(width, positive), _projected(width, negative)
    found = []
    for care in range(1 << width):
        for state in wanted[care] - hit[care]:
            if all(state & ~bit in hit[care ^ bit] for bit in _bits(care)):
                found.append((care, state))
    return sorted(found, key=_order)


def _projected(width: int, rows: Iterable[int]) -> list[set[int]]:
    """The states in which rows show each choice of conditions."""
    full = (1 << width) - 1
    states = [set(rows)] * (1 << width)
    for care in range(full - 1, -1, -1):
        missing = ~care & -~care
        states[care] = {state & care for state in states[care | missing]}
    return states


def assumed(model: Model, rows: Rows) -> frozenset[int]:
    """The remainders that a model counts as sufficient: its simplifying assumptions."""
    return frozenset(row for row in rows.remainders if any(covers(term, row) for term in model))


@lru_cache(maxsize=4096)
def shortest(rows: Rows) -> Models:
    """Every model with the fewest terms that covers what is positive and nothing that is negative."""
    terms = primes(rows.width, rows.positive, rows.negative)
    chart = [sum(1 << place for place, term in enumerate(terms) if covers(term, row)) for row in sorted(rows.positive)]
    found, complete = _least_covers(chart)
    ordered = sorted((tuple(terms[bit.bit_length() - 1] for bit in _bits(cover)) for cover in found), key=_model_order)
    return Models(tuple(ordered), complete)


@lru_cache(maxsize=4096)
def models(rows: Rows, kind: str, mentioned: int = 0, wanted: int = 0) -> Models:
    """Every model of one solution.

    Parameters
    ----------
    rows : Rows
        The truth table.
    kind : {"complex", "intermediate", "parsimonious"}
        The complex solution assumes no remainder, the parsimonious one whatever makes it shortest, the intermediate one
        of these assumptions those that are easy.
    mentioned, wanted : int
        Conditions with a directional expectation, and the states expected.

    Returns
    -------
    Models
        None where nothing is sufficient. The intermediate model shown belongs to the complex and the parsimonious
        model shown, so that each lies within the next.
    """
    if not rows.positive:
        return Models(())
    if kind == "parsimonious":
        return shortest(rows)
    strict = Rows(rows.width, rows.positive, rows.everything - rows.positive)
    if kind == "complex" or not mentioned:
        return shortest(strict)
    narrow, wide = shortest(strict), shortest(rows)
    found: dict[Model, None] = {}
    complete = narrow.complete and wide.complete
    for easy in _easy(narrow.found, wide.found, rows, mentioned, wanted):
        part = shortest(Rows(rows.width, rows.positive, strict.negative - easy))
        found.update(dict.fromkeys(part.found))
        complete = complete and part.complete
        if not complete or len(found) > MAX_MODELS:
            return Models(tuple(found)[:MAX_MODELS], False)
    return Models(tuple(found))


def _easy(
    narrow: Sequence[Model], wide: Sequence[Model], rows: Rows, mentioned: int, wanted: int
) -> Iterator[frozenset[int]]:
    """The easy counterfactuals of each pair of models.

    Where a complex term lies in a parsimonious one, conditions that only the complex term mentions are dropped if they
    stand against their expectation; an assumption of the parsimonious model is easy if it lies in what is left.
    """
    remainders = sorted(rows.remainders)

    @cache
    def extent(term: Implicant) -> int:
        return sum(1 << place for place, row in enumerate(remainders) if covers(term, row))

    @cache
    def left(full: Implicant, short: Implicant) -> int:
        (care, state), (other, _) = full, short
        if other & ~care or not covers(short, state):
            return 0
        keep = care & ~(~other & mentioned & (state ^ wanted))
        return extent((keep, state & keep))

    allowed = [reduce(or_, map(extent, model)) for model in wide]
    pairs = product(narrow, zip(wide, allowed, strict=True))
    sets = (limit & reduce(or_, starmap(left, product(full, short))) for full, (short, limit) in pairs)
    for easy in dict.fromkeys(sets):
        yield frozenset(remainders[bit.bit_length() - 1] for bit in _bits(easy))


def _least_covers(rows: Sequence[int]) -> tuple[list[int], bool]:
    """Every smallest set of columns that meets every row, and whether that is all there are.

    Rows and the covers returned are sets of columns, one bit for each. A row that contains another is met whenever that
    one is, and groups of rows that share no column are solved apart.
    """
    distinct = set(rows)
    needed = [row for row in distinct if not any(other & ~row == 0 and other != row for other in distinct)]
    found, complete = [0], True
    for group in _groups(needed):
        covers_, whole = _solve_group(group)
        complete = complete and whole and len(found) * len(covers_) <= MAX_MODELS
        found = list(islice((one | other for one in found for other in covers_), MAX_MODELS))
    return found, complete


def _groups(rows: Iterable[int]) -> list[list[int]]:
    groups: list[tuple[int, list[int]]] = []
    for row in sorted(rows):
        apart, joined, columns = [], [row], row
        for reach, group in groups:
            if reach & row:
                joined, columns = joined + group, columns | reach
            else:
                apart.append((reach, group))
        groups = [*apart, (columns, joined)]
    return [group for _, group in groups]


def _solve_group(rows: list[int]) -> tuple[list[int], bool]:
    columns = list(_bits(reduce(or_, rows)))
    if len(rows) == 1:
        return columns[:MAX_MODELS], len(columns) <= MAX_MODELS
    reach = {row: sum(row & other != 0 for other in rows) for row in rows}
    rows = sorted(rows, key=lambda row: (reach[row], row))
    alike: dict[int, list[int]] = {}
    for column in columns:
        alike.setdefault(sum(1 << place for place, row in enumerate(rows) if row & column), []).append(column)
    patterns = sorted(alike)
    widest = [one for one in patterns if not any(one & ~other == 0 and one != other for other in patterns)]
    smallest, proven = _search(widest, len(rows))
    covers_, whole = _search(patterns, len(rows), len(smallest[0])) if proven else (smallest, False)
    expanded = (reduce(or_, choice) for cover in covers_ for choice in product(*(alike[part] for part in cover)))
    found = list(islice(expanded, MAX_MODELS + 1))
    return found[:MAX_MODELS], whole and len(found) <= MAX_MODELS


def _search(patterns: Sequence[int], size: int, length: int = 0) -> tuple[list[tuple[int, ...]], bool]:
    """Covers of bits by patterns: every one of a length, or one that is proven shortest."""
    holders = [[part for part in patterns if part >> place & 1] for place in range(size)]
    reach = [reduce(or_, parts) for parts in holders]
    found: list[tuple[int, ...]] = []
    steps = 0

    def needed(open_: int) -> int:
        """Bits no two of which lie in one pattern need a pattern each."""
        count = 0
        while open_:
            open_ &= ~reach[(open_ & -open_).bit_length() - 1]
            count += 1
        return count

    def search(open_: int, chosen: tuple[int, ...], banned: frozenset[int], left: int) -> bool:
        nonlocal steps
        steps += 1
        if steps > MAX_STEPS or len(found) > MAX_MODELS:
            return False
        if not open_:
            found.append(chosen)
            return bool(length)
        if needed(open_) > left:
            return True
        options = min(
            ([part for part in holders[bit.bit_length() - 1] if part not in banned] for bit in _bits(open_)), key=len
        )
        for part in options:
            if not search(open_ & ~part, (*chosen, part), banned, left - 1):
                return False
            banned |= {part}
        return True

    everything = (1 << size) - 1
    if length:
        whole = search(everything, (), frozenset(), length)
        return found[:MAX_MODELS], whole
    target = needed(everything)
    while search(everything, (), frozenset(), target):
        target += 1
    return (found, True) if found else ([_greedy(patterns, everything)], False)


def _greedy(patterns: Sequence[int], open_: int) -> tuple[int, ...]:
    chosen = []
    while open_:
        best = max(patterns, key=lambda part: (part & open_).bit_count())
        chosen.append(best)
        open_ &= ~best
    return tuple(chosen)


def _bits(number: int) -> Iterator[int]:
    """The bits that are set, each as a number of its own."""
    while number:
        yield number & -number
        number &= number - 1


def _order(implicant: Implicant) -> tuple[int, list[int]]:
    care, state = implicant
    places = range(care.bit_length())
    return care.bit_count(), [2 - (state >> place & 1) if care >> place & 1 else 3 for place in places]


def _model_order(model: Model) -> tuple[int, int, list[tuple[int, list[int]]]]:
    return len(model), sum(care.bit_count() for care, _ in model), [_order(term) for term in model]
