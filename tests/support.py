"""A small casebook that is valid as it stands; tests spoil or extend it."""

from __future__ import annotations

import atexit
import copy
import io
import shutil
import subprocess
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from casebook.cli import main
from casebook.errors import InvalidCasebookError

if TYPE_CHECKING:
    import pandas as pd

    from casebook.book import Casebook

ROOT = Path(__file__).parents[1]
CODEBOOK = Path(__file__).parent / "codebook"
"""A codebook of the tests' own, so that the published one can change without them."""

FILES = {
    "casebook.yaml": """\
name: tiny
title: A tiny casebook
version: 0.1.0
released: 2020-01-01
reference_date: 2020-01-01
description: For tests.
license: CC-BY-4.0
contributors: [Jane Doe]
""",
    "actors.yaml": """\
- actor: ann-envoy
  name: Ann Envoy
  sort_name: Envoy, Ann
  kind: person
- actor: bob-broker
  name: Bob Broker
  sort_name: Broker, Bob
  kind: person
""",
    "sources.bib": """\
@book{doe2001talks,
  author = {Doe, Jane},
  title = {Secret Talks},
  publisher = {Press},
  date = {2001},
  kind = {scholarly},
  consulted = {full},
  reliability = {scrutinized},
}

@article{roe2002rival,
  author = {Roe, Richard},
  title = {A Rival View},
  journal = {Journal of Doubt},
  date = {2002-05},
  pages = {1--9},
  kind = {scholarly},
  consulted = {part},
  reliability = {scrutinized},
}
""",
    "cases/alpha-1990/case.yaml": """\
case: alpha-1990
title: The Alpha dispute, 1990
short_title: Alpha dispute
domain: interstate_crisis
arena: international
start: 1990-01-01
end: 1990-12-31
violence: none
stalemate: mutual
deadline: yes
recognition: none
front_status: none
precondition: none
spoilers: none
power_asymmetry: low
prior_channel: no
outcome: partial_settlement
outcome_date: 1990-06-01
outcome_form: oral
implementation: full
reversal: none
reversal_date: not_applicable
evidence:
  - on: [domain, arena, start, end, violence, deadline, recognition, front_status, precondition, spoilers]
    source: doe2001talks
    confidence: high
    note: As told there.
  - on: [stalemate, power_asymmetry, prior_channel, outcome, outcome_date, outcome_form, implementation, reversal]
    source: doe2001talks[p. 7]
    confidence: medium
    basis: inferred
    note: Inferred from the account.
  - on: outcome
    source: roe2002rival
    reads: no_agreement
    confidence: low
    note: Roe sees no agreement.
parties:
  - party: aland
    name: Aland
    standing: principal
    kind: state
    evidence:
      - {source: doe2001talks, confidence: high}
  - party: bland
    name: Bland
    standing: principal
    kind: state
    evidence:
      - {source: doe2001talks, confidence: high}
""",
    "cases/alpha-1990/channels.yaml": """\
- channel: line
  name: Ann – Bob
  summary: A line by way of a broker.
  status: established
  start: 1990-02
  end: 1990-05-30
  directness: relayed
  intermediary_type: private_person
  intermediary_role: messenger
  initiator: one_side
  initiator_party: aland
  sequence: substitute
  venue: remote
  meetings_min: 0
  meetings_max: 2
  deniability: plausible
  secrecy_scope: existence_and_content
  existence_disclosed: 1990-06-01
  existence_disclosure_mode: leak
  terms_disclosed: unknown
  terms_disclosure_mode: unknown
  result: partial_agreement
  evidence:
    - on: [summary, status, start, end, directness, intermediary_type, intermediary_role, initiator, initiator_party,
           sequence, venue, meetings_min, meetings_max, deniability, secrecy_scope, existence_disclosed,
           existence_disclosure_mode, result]
      source: doe2001talks
      confidence: high
      note: Her chapter on the broker.
  delegations:
    - party: aland
      lead_actor: ann-envoy
      proximity: confidant
      authorization: explicit
      circle: unknown
      evidence:
        - {source: doe2001talks, confidence: medium, note: A friend of the president.}
  roles:
    - actor: ann-envoy
      capacity: envoy
      party: aland
      office: none
      office_as_of: not_applicable
      evidence:
        - {source: doe2001talks, confidence: medium}
    - actor: bob-broker
      capacity: messenger
      party: not_applicable
      office: lawyer
      office_as_of: 1990
      evidence:
        - {source: doe2001talks, confidence: medium}
  effects:
    - effect: keep_deniability
      observed: yes
      evidence:
        - {source: doe2001talks, confidence: medium, note: The president denied it in May.}
    - effect: [explore_options, bridge_blocked_front, clarify_intentions, test_good_faith, spare_public_failure,
               bypass_spoilers, bypass_preconditions, keep_line_open, talk_candidly, decide_faster, build_trust,
               misread, left_out_resent, reputation_cost, delayed_public_talks, fragile_to_turnover, used_to_deceive,
               led_to_standing_channel]
      observed: unclear
""",
    "cases/alpha-1990/events.yaml": """\
- event: 1990-02-letter
  channel: line
  track: back_channel
  kind: message
  status: established
  date: 1990-02
  place: Paris
  country: FRA
  summary: Bob carries a letter.
  attendance: [ann-envoy, bob-broker]
  evidence:
    - {source: doe2001talks, confidence: high}
- event: 1990-03-rumor
  channel: line
  track: back_channel
  kind: contact
  status: alleged
  date: 1990-03~
  place: unknown
  country: unknown
  summary: A meeting that only Roe reports.
  evidence:
    - {source: roe2002rival, confidence: low}
""",
    "cases/alpha-1990/terms.yaml": """\
- term: truce
  channel: line
  summary: Both sides keep the peace.
  issue: security
  mutual: yes
  from_party: not_applicable
  to_party: not_applicable
  status: established
  acceptance: agreed
  publicity: secret
  disclosed: 1990-06-01
  fulfilled: full
  fulfilled_date: 1990-06-02
  evidence:
    - {source: doe2001talks, confidence: high}
""",
    "cases/alpha-1990/claims.yaml": """\
- claim: by-letter
  statement: The dispute was settled by letter.
  claimed_by: [roe2002rival]
  verdict: imprecise
  correction: A letter opened the line; the settlement was oral.
  settled_by: [channels:line#directness, events:1990-02-letter]
  evidence:
    - {source: doe2001talks, confidence: medium, note: Doe describes both.}
""",
    "cases/alpha-1990/narrative.md": "Ann wrote [@doe2001talks].\n",
}


@cache
def schemas() -> Path:
    """The tests' codebook, completed by the tables that the builder makes."""
    folder = Path(tempfile.mkdtemp(prefix="codebook-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path in [*(ROOT / "schemas").glob("*.yaml"), *CODEBOOK.glob("*.yaml")]:
        if path.parent == CODEBOOK or path.name in BUILT:
            shutil.copy(path, folder / path.name)
    return folder


BUILT = {
    *("evidence.yaml", "support.yaml", "missing.yaml", "sources.yaml", "codings.yaml", "coders.yaml"),
    "agreement.yaml",
    "conditions.table.yaml",
}


class Folder:
    """A casebook folder that tests edit as text."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, text in FILES.items():
            self.write(name, text)
        (self.path / "schemas").symlink_to(schemas())

    def write(self, name: str, text: str) -> Folder:
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return self

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> Folder:
        """Replace the first occurrence, which must exist."""
        text = self.read(name)
        assert old in text, f"{old!r} is not in {name}"
        return self.write(name, text.replace(old, new, 1))

    def line_of(self, name: str, piece: str) -> int:
        return next(n for n, line in enumerate(self.read(name).splitlines(), 1) if piece in line)

    def own_schemas(self) -> Folder:
        """The codebook as a folder that can be changed."""
        (self.path / "schemas").unlink()
        shutil.copytree(schemas(), self.path / "schemas")
        return self

    def problems(self) -> list[str]:
        """Messages of a check that must fail, paths shortened."""
        from casebook.authoring.build import compile_folder

        with pytest.raises(InvalidCasebookError) as caught:
            compile_folder(self.path)
        return [str(problem).replace(f"{self.path}/", "") for problem in caught.value.problems]

    def build(self):
        """Build, and open what was built."""
        from casebook.authoring.build import compile_folder, write
        from casebook.book import open as open_casebook

        write(compile_folder(self.path), self.path / "tables")
        return open_casebook(self.path)


def casebook(*arguments: object) -> subprocess.CompletedProcess[str]:
    """What the command says and how it ends, without the time that it takes to start."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["casebook", *map(str, arguments)])
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(sys.argv, code, out.getvalue(), err.getvalue())


def altered(book: Casebook, **frames: pd.DataFrame) -> Casebook:
    """The casebook with other tables."""
    other = copy.copy(book)
    other.store = book.store.altered(frames)
    return other


def part(book: Casebook, *cases: str) -> Casebook:
    """The casebook without what belongs to other cases; its own files stay those of all."""
    others = set(book.load("cases")["case_id"]) - set(cases)
    frames = {}
    for table in book.schema:
        frame = book.store.read(table.name)
        owned = frame[[name for name in (table.primary_key, "case_id", "row") if name in frame]]
        foreign = owned.apply(lambda column: column.astype("str").str.partition("/")[0].isin(others)).any(axis=1)
        frames[table.name] = frame[~foreign].reset_index(drop=True)
    return altered(book, **frames)


class Exported(NamedTuple):
    """A casebook and the folder with all its exports."""

    book: Casebook
    folder: Path

    def cells(self, table: str) -> dict[str, list]:
        """What `load` gives, as plain values: None, text, numbers, booleans, dates and lists."""
        columns = {}
        for name, column in self.book.load(table, alleged=True).items():
            kind = self.book.schema.table(table).field(name).type
            plain = {
                "date": lambda value: value.date(),
                "array": list,
                "string": str,
                "integer": int,
                "number": float,
                "boolean": bool,
            }
            empty = [value is None for value in column] if kind == "array" else column.isna()
            columns[name] = [None if e else plain[kind](v) for v, e in zip(column, empty, strict=True)]
        return columns
