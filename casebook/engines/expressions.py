"""A table's declaration as ibis expressions, each true where a row breaks one demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from casebook.model.dates import parse_day
from casebook.model.demands import Rule
from casebook.model.schema import REASONS, Field
from casebook.model.values import countries, to_text


@dataclass(frozen=True)
class Demand:
    """What is demanded of the rows of a table.

    Attributes
    ----------
    variable : str
        The column; empty where the whole row is meant.
    message : str
        What is wrong with a row that breaks it; ``{}`` at its beginning stands for the value.
    broken : ibis expression
        True where it is broken; false or null elsewhere.
    rule : Rule or None
        The rule that rows are only suspected to break, until the reasons for empty cells are known.
    """

    variable: str
    message: str
    broken: Any
    rule: Rule | None = None


def fits(item: Field, kind: Any) -> bool:
    """Whether a column of that ibis type can hold the field.

    Examples
    --------
    >>> import ibis
    >>> fits(Field("meetings_min", "integer", "Meetings", ""), ibis.dtype("int32"))
    True
    >>> fits(Field("start_earliest", "date", "Start", ""), ibis.dtype("timestamp"))
    False
    """
    return bool(
        {
            "string": kind.is_string(),
            "integer": kind.is_integer(),
            "number": kind.is_numeric() and not kind.is_boolean(),
            "boolean": kind.is_boolean(),
            "date": kind.is_date(),
            "array": kind.is_array() and kind.value_type.is_string(),
        }[item.type]
    )


def of_field(item: Field, cell: Any) -> Iterator[Demand]:
    """What is demanded of every value of a field: presence, category or code, finiteness, range, pattern, length."""
    demands = item.constraints
    if demands.required:
        yield Demand(item.name, "is empty, and must have a value", cell.isnull())
    if item.categories:
        yield Demand(item.name, "{} is not a category of the codebook", cell.notin(item.values))
    if item.codes == "iso3166-1-alpha-3":
        yield Demand(item.name, "{} is not an ISO 3166-1 alpha-3 code", cell.notin(list(countries())))
    finite: Any = True
    if cell.type().is_floating():
        endless = _endless(cell)
        finite = ~endless
        yield Demand(item.name, "{} is not a finite number", endless)
    if demands.minimum is not None:
        low = finite & (cell < demands.minimum)
        yield Demand(item.name, f"{{}} is less than the minimum {demands.minimum}", low)
    if demands.maximum is not None:
        high = finite & (cell > demands.maximum)
        yield Demand(item.name, f"{{}} is more than the maximum {demands.maximum}", high)
    if demands.pattern is not None:
        yield Demand(
            item.name, f"{{}} does not have the form {demands.pattern}", ~cell.re_search(anchored(demands.pattern))
        )
    if demands.max_length is not None:
        message = f"{{}} has more than {demands.max_length} characters"
        yield Demand(item.name, message, cell.length() > demands.max_length)


def _endless(cell: Any) -> Any:
    """Where a number is NaN or infinite.

    It is looked at as text, for DuckDB answers ``isnan`` from the statistics of a file, which leave NaN out.
    """
    return cell.cast("string").lower().isin(["nan", "inf", "-inf", "infinity", "-infinity"])


def anchored(pattern: str) -> str:
    """A pattern of the schema as one that the whole text must have, as RE2 and Java write it."""
    return rf"\A(?:{pattern})\z"


def broken(
    rule: Rule, cells: Mapping[str, Any], fields: Mapping[str, Field], reasons: Mapping[str, Any], *, suspect: bool
) -> Any:
    """Where a rule is broken, as `casebook.model.rules.broken` says it of data frames.

    Parameters
    ----------
    rule : Rule
        The rule.
    cells, fields : mapping
        For each name that the rule uses the ibis column, and the field of which it is.
    reasons : mapping
        For some of them the ibis column of the reasons why cells are empty.
    suspect : bool
        Whether an empty cell without reasons given breaks a rule that depends on its reason; else it has the benefit of
        the doubt.

    Returns
    -------
    ibis expression
        True where the rule is broken.
    """
    import ibis

    when = [
        _matches(cells[name], fields[name], asked, asked in REASONS and _as_reason(reasons.get(name), asked, True))
        for name, asked in rule.when.items()
    ]
    deciding = needs_reasons(rule, fields) if suspect else []
    holds = [
        _matches(cells[name], fields[name], asked, _as_reason(reasons.get(name), asked, name not in deciding))
        for name, asked in rule.require.items()
    ]
    if rule.order:
        low, high = (_ranked(cells[name], fields[name]) for name in rule.order)
        holds.append((low <= high).fill_null(True))
    return ibis.and_(*when) & ~ibis.and_(*holds)


def _as_reason(reason: Any, asked: str | list[str], untold: bool) -> Any:
    """Whether the reason for which a cell is empty is as asked; an unknown value may be one of those listed."""
    if reason is None:
        return untold
    if asked in REASONS:
        return (reason == asked).fill_null(False)
    return (reason != "not_applicable").fill_null(True)


def _ranked(cell: Any, item: Field) -> Any:
    """What compares as the values of the field do: categories by their place in the codebook."""
    return cell.cases(*((value, place) for place, value in enumerate(item.values))) if item.categories else cell


def _matches(cell: Any, item: Field, asked: str | list[str], empty: Any) -> Any:
    """Whether a cell is as asked; `empty` says so of an empty one."""
    import ibis

    if asked == "missing":
        return cell.isnull()
    if asked == "coded":
        return cell.notnull()
    if asked in REASONS:
        return cell.isnull() & empty
    return ibis.coalesce(_among(cell, item, asked), empty)


def _among(cell: Any, item: Field, asked: str | list[str]) -> Any:
    allowed = [asked] if isinstance(asked, str) else asked
    if item.type == "array":
        return cell.join("; ").isin(allowed)
    values = [value for text in allowed for value in _typed(item, text)]
    return cell.isin(values)


def _typed(item: Field, text: str) -> Iterator[Any]:
    """The value of which this is the text, if there is one."""
    kinds: dict[str, Callable[[str], Any]] = {"integer": int, "number": float, "date": parse_day}
    if item.type == "boolean":
        yield from {"yes": [True], "no": [False]}.get(text, [])
    elif item.type in kinds:
        try:
            value = kinds[item.type](text)
        except ValueError:
            return
        if to_text(value) == text:
            yield value
    else:
        yield text


def needs_reasons(rule: Rule, fields: Mapping[str, Field]) -> list[str]:
    """Names of whose empty cells a rule asks for the reason; a parent's reasons are not looked at."""
    asked = [name for name, condition in rule.when.items() if condition in REASONS]
    asked += [name for name, condition in rule.require.items() if condition not in ("missing", "coded")]
    return [name for name in dict.fromkeys(asked) if "." not in name and not fields[name].required]
