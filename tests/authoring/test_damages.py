"""One damage at a time in the files of a real case: what a machine can know is caught, the rest is known by name."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import ROOT

from casebook.authoring.build import compile_folder
from casebook.errors import InvalidCasebookError

CASE = "cuba-1981"
TRIES = 3
STRANGER = "roger-fontaine"
"""Somebody who had a part in one channel of the case, and none in the others."""
Damage = Callable[[random.Random, dict[str, str]], None]


def cited(text: str, library: str, entry: str, key: str) -> str:
    """The entries of a shared file that a case names."""
    parts = re.split(f"(?m)^(?={entry})", library)
    words = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text))
    return "".join(part for part in parts if (found := re.match(key, part)) and found[1] in words)


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """A casebook of one packaged case, as texts by name."""
    case = ROOT / "data/cases" / CASE
    texts = {f"cases/{CASE}/{path.name}": path.read_text("utf-8") for path in sorted(case.iterdir())}
    schemas = "".join(path.read_text("utf-8") for path in (ROOT / "schemas").glob("*.yaml"))
    coded = "".join(texts.values())
    sources, actors = ((ROOT / "data" / name).read_text("utf-8") for name in ("sources.bib", "actors.yaml"))
    texts["sources.bib"] = cited(coded + schemas, sources, "@", r"@\w+\{([^,]+),")
    texts["actors.yaml"] = cited(coded, actors, "- actor: ", r"- actor: (\S+)")
    texts["casebook.yaml"] = (ROOT / "data/casebook.yaml").read_text("utf-8")
    return texts


def found(files: dict[str, str], folder: Path) -> list[str]:
    """What the builder finds wrong with the files."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    try:
        compile_folder(folder)
    except InvalidCasebookError as error:
        return [str(problem) for problem in error.problems]
    return []


def line(pattern: str, change: Callable[[re.Match[str]], str], name: str = "") -> Damage:
    """Change one line that the pattern matches, in the file of that name or in any."""

    def damage(rng: random.Random, files: dict[str, str]) -> None:
        places = [
            (file, match)
            for file, text in files.items()
            if name in file and file.startswith("cases/")
            for match in re.finditer(pattern, text, re.MULTILINE)
        ]
        file, match = rng.choice(places)
        text = files[file]
        files[file] = text[: match.start()] + change(match) + text[match.end() :]

    return damage


def put(mark: str) -> Damage:
    """Put something into the middle of a name or a summary."""
    texts = r"^(\s+(?:- )?(?:name|summary): )([A-Z][^\n>|]{12,})$"
    return line(texts, lambda m: f"{m[1]}{m[2][:6]}{mark}{m[2][6:]}")


def block(pattern: str, name: str) -> Damage:
    """Take out an entry of a list with all that lies in it."""
    return line(rf"^( *)- {pattern}.*\n(?:\1 +.*\n|\n)*", lambda m: "", name)


def without_a_side(rng: random.Random, files: dict[str, str]) -> None:
    """Take a side out of a channel in which both met, with everybody who acted for it."""
    name = f"cases/{CASE}/channels.yaml"
    channels = re.split(r"(?m)^(?=- channel: )", files[name])
    met = [number for number, text in enumerate(channels) if re.search(r"\n  directness: (?:direct|mixed)\n", text)]
    chosen = rng.choice(met)
    parts = re.split(r"(?m)^(?=    - (?:party|actor): |  [a-z])", channels[chosen])
    side = f"party: {rng.choice(['usa', 'cuba'])}\n"
    gone = (f"    - {side}", f"      {side}")
    channels[chosen] = "".join(part for part in parts if not (part.startswith(gone[0]) or gone[1] in part))
    files[name] = "".join(channels)


def without_a_role(rng: random.Random, files: dict[str, str]) -> None:
    """Take all capacities of somebody who took part in an event of a back channel out of the channel."""
    name = f"cases/{CASE}/channels.yaml"
    events = re.split(r"(?m)^(?=- event: )", files[f"cases/{CASE}/events.yaml"])
    inside = [
        (channel[1], actor)
        for event in events
        if "\n  track: back_channel\n" in event
        and (channel := re.search(r"(?m)^  channel: (.*)$", event))
        and (listed := re.search(r"(?m)^  attendance: \[(.*)\]$", event))
        for actor in listed[1].split(", ")
    ]
    channel, actor = rng.choice(inside)
    role = rf"(?m)^    - actor: {actor}\n(?:     +.*\n|\n)*"
    whole = re.split(r"(?m)^(?=- channel: )", files[name])
    files[name] = "".join(
        re.sub(role, "", part) if part.startswith(f"- channel: {channel}\n") else part for part in whole
    )


DATED = r"^(\s+(?:start|end|date|existence_disclosed|terms_disclosed): \D?)(\d{4})"
KNOWN: dict[str, Damage] = {
    "a category misspelt": line(r"^(\s+(?:venue|directness|track|kind|observed): [a-z_]{3,})$", lambda m: m[1][:-1]),
    "a source that is not there": line(r"(source: )([a-z]+\d{4}[a-z]+)", lambda m: f"{m[1]}{m[2]}x"),
    "an actor that is not there": line(r"((?:- actor|lead_actor): )([a-z-]+)", lambda m: f"{m[1]}{m[2]}x"),
    "a key twice": line(r"^( +)([a-z_]+: [a-z_]+)\n", lambda m: f"{m[1]}{m[2]}\n{m[1]}{m[2]}\n"),
    "an unknown key": line(r"^( +)(venue): ", lambda m: f"{m[1]}venu: "),
    "a value gone": line(r"^ +(?:start|venue|initiator|track|date|proximity|capacity): .*\n", lambda m: ""),
    "a value blank": line(r"^( +(?:start|venue|initiator|track|proximity|capacity):) \S.*$", lambda m: m[1]),
    "a word for a number": line(r"^( +meetings_m(?:in|ax): )\d+", lambda m: f"{m[1]}two"),
    "a letter of another alphabet": line(
        r"^(\s+(?:- )?(?:name|summary): \S*?[A-Z][a-z]*)[ao](?=[a-z])",
        lambda m: f"{m[1]}\u043e",
    ),
    "a character without width": put("\u200b"),
    "a no-break space": put("\u00a0"),
    "a character that turns the writing": put("\u202e"),
    "a tag": put("<b>x</b>"),
    "an entity": put("&nbsp;"),
    "a century too early": line(DATED, lambda m: f"{m[1]}{int(m[2]) - 100}"),
    "a century too late": line(DATED, lambda m: f"{m[1]}{int(m[2]) + 100}"),
    "a term public before its channel began": line(r"^(  disclosed: ).*$", lambda m: f"{m[1]}1981-11", "terms"),
    "an impossible day": line(r"^( +date: \d{4}-)\d\d-\d\d$", lambda m: f"{m[1]}02-30", "events"),
    "an identifier with the date of another year": line(
        r"^(- event: )(\d{4})(-\d\d)", lambda m: f"{m[1]}{int(m[2]) - 1}{m[3]}", "events"
    ),
    "the ends of a span swapped": line(
        r"^( +(?:date|start|end): )(\d{4}-\d\d-\d\d)$", lambda m: f"{m[1]}{m[2]}/{m[2][:8]}01", "events"
    ),
    "unknown where it can always be known": line(
        r"^( +(?:track|status|standing): )[a-z_]+$", lambda m: f"{m[1]}unknown"
    ),
    "evidence for another variable": line(
        r"^(    - on: )(?:venue|directness|decisive)(\n      source: .*\n      conf)",
        lambda m: f"{m[1]}summary{m[2]}",
        "channels",
    ),
    "a rival reading that is the value": line(
        r"^(  venue: )(\w+)((?:\n.*)*?\n  evidence:\n)",
        lambda m: (
            f"{m[0]}    - {{on: venue, source: haig1984alexander, reads: {m[2]}, confidence: low, note: The same.}}\n"
        ),
        "channels",
    ),
    "a side without a delegation": block("party: (?:usa|cuba)\n +lead_actor", "channels"),
    "a side that is gone with its people": without_a_side,
    "a lead without a role": block(r"actor: alexander-haig\n +capacity: envoy", "channels"),
    "somebody in a back channel without a role": line(
        r"^(- event: .*\n  channel: [a-z].*\n  track: back_channel\n(?:  .*\n)*?  attendance: \[)(?!roger)",
        lambda m: f"{m[1]}{STRANGER}, ",
        "events",
    ),
    "a role gone that somebody in a back channel had": without_a_role,
    "an actor whom nothing names": lambda rng, files: files.update(
        {
            "actors.yaml": files["actors.yaml"]
            + "- actor: zoe-zuse\n  name: Zoe Zuse\n  sort_name: Zuse, Zoe\n  kind: person\n"
        }
    ),
    "an indent by tab": line(r"^    (venue|kind|date)", lambda m: f"\t{m[1]}"),
    "an alias": line(r"^( +venue: )\w+", lambda m: f"{m[1]}*v"),
    "a comment that cuts a text": line(r"^( +summary: [A-Z]\w+)( )", lambda m: f"{m[1]} # "),
}
FOR_PEOPLE: dict[str, Damage] = {
    "a plausible wrong place": line(r"^( +place: )[A-Z][a-z]+$", lambda m: f"{m[1]}Lisbon", "events"),
    "a lesser confidence": line(r"confidence: medium", lambda m: "confidence: low"),
    "another plausible category": line(
        r"^( +kind: )(meeting|message|call)$",
        lambda m: f"{m[1]}{'message' if m[2] == 'meeting' else 'meeting'}",
        "events",
    ),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_what_a_machine_can_know_is_caught_with_file_and_line(files, kind, tmp_path):
    assert found(files, tmp_path / "whole") == []
    for seed in range(TRIES):
        damaged = dict(files)
        KNOWN[kind](random.Random(f"{kind}{seed}"), damaged)
        assert damaged != files
        problems = found(damaged, tmp_path / "damaged")
        assert problems, next(name for name in files if files[name] != damaged[name])
        assert all(re.match(r"\S+:\d+: ", problem) for problem in problems)


@pytest.mark.parametrize("kind", FOR_PEOPLE)
def test_what_only_people_can_know_passes(files, kind, tmp_path):
    damaged = dict(files)
    FOR_PEOPLE[kind](random.Random(kind), damaged)
    assert damaged != files
    assert found(damaged, tmp_path / "damaged") == []
