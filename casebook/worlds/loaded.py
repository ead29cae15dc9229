"""Tables as they are loaded in worlds: one table as coded, of which each world has some cells otherwise.

Choices
-------
An analysis seldom reads more than a few columns. What it is handed is therefore put together only when it is asked for
more than some of its columns, and no column is made, nor what follows from readings computed, that it does not read. Of
pandas' copy-on-write every world has the rest in common with the table as coded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

Cells = Mapping[str, tuple[list[int], list[Any]]]
"""By column: places of rows, and what stands there."""


class Column:
    """A column, kept as plain arrays so that a copy with other cells is made fast.

    Parameters
    ----------
    array : ExtensionArray
        The column.
    """

    def __init__(self, array: Any) -> None:
        self._array, self._dtype = array, array.dtype
        self._masked = isinstance(array, (pd.arrays.IntegerArray, pd.arrays.FloatingArray, pd.arrays.BooleanArray))
        if isinstance(array, pd.Categorical):
            self._places = {category: n for n, category in enumerate(array.categories)} | {None: -1}
            self._plain = array.codes
        elif self._masked:
            self._mask = np.asarray(array.isna())
            self._plain = array.to_numpy(self._dtype.numpy_dtype, na_value=0)
        elif isinstance(array, pd.arrays.DatetimeArray):
            self._plain = np.asarray(array)
        else:
            self._plain = np.array(array, dtype=object)

    def with_cells(self, where: np.ndarray[Any, Any], values: Sequence[Any]) -> Any:
        """A copy in which some cells are other ones; None is an empty one."""
        plain = self._plain.copy()
        if isinstance(self._array, pd.Categorical):
            plain[where] = [self._places[value] for value in values]
            return pd.Categorical.from_codes(plain, dtype=self._dtype, validate=False)
        if self._masked:
            mask = self._mask.copy()
            mask[where] = [value is None for value in values]
            plain[where] = [0 if value is None else value for value in values]
            return type(self._array)(plain, mask)
        if isinstance(self._array, pd.arrays.DatetimeArray):
            plain[where] = np.array(values, dtype=plain.dtype)
            return plain
        for place, value in zip(where, values, strict=True):
            plain[place] = value
        return pd.array(plain, dtype=self._dtype)


class Loaded:
    """A table as `Store.load` gives it.

    Parameters
    ----------
    frame : DataFrame
        The table.
    places : array of int
        Where each row of the whole table stands in it; -1 for those left out.
    """

    def __init__(self, frame: pd.DataFrame, places: np.ndarray[Any, Any]) -> None:
        self.frame, self._places = frame, places
        self.numbers = {name: number for number, name in enumerate(frame)}
        self._columns: dict[str, Column] = {}
        self._whole = bool((places >= 0).all())
        self._blank = frame[[]]

    def with_cells(self, columns: Cells) -> pd.DataFrame:
        """A shallow copy of the table in which some cells are other ones."""
        frame = self.frame.copy(deep=False)
        for name, (rows, values) in columns.items():
            if (array := self._array(name, rows, values)) is not None:
                frame.isetitem(self.numbers[name], array)
        return frame

    def column(self, name: str, columns: Cells) -> pd.Series:
        """A column of it."""
        if name in columns and (array := self._array(name, *columns[name])) is not None:
            return pd.Series(array, index=self.frame.index, name=name, copy=False)
        return self.frame[name]

    def handed(self, cells: Callable[[str | None], Cells]) -> pd.DataFrame:
        """A table of which the cells that are other ones are asked when they are read; see `Handed`.

        Parameters
        ----------
        cells : callable
            Gives what differs in a column, or in all for None.
        """
        frame = self._blank.copy(deep=False)
        object.__setattr__(frame, "_handed", (self, cells, {}))
        object.__setattr__(frame, "__class__", Handed)
        return frame

    def _array(self, name: str, rows: list[int], values: list[Any]) -> Any:
        where = self._places[rows]
        if not self._whole:
            values = [value for value, place in zip(values, where, strict=True) if place >= 0]
            where = where[where >= 0]
        if not len(where):
            return None
        if name not in self._columns:
            self._columns[name] = Column(self.frame[name].array)
        return self._columns[name].with_cells(where, values)


class _AnyTable(type):
    """Makes every DataFrame an instance: who compares the types of two tables is not to find these different."""

    def __instancecheck__(cls, other: object) -> bool:
        return isinstance(other, pd.DataFrame)


class Handed(pd.DataFrame, metaclass=_AnyTable):
    """A table that answers for some of its columns, and becomes a plain DataFrame at whatever else it is asked.

    Whatever pandas does with a table, it does with `_mgr`; whoever asks for that has the whole table made first.
    """

    _handed: tuple[Loaded, Callable[[str | None], Cells], dict[str, pd.Series]]

    @property
    def _mgr(self) -> Any:
        loaded, cells, _ = self._handed
        manager = loaded.with_cells(cells(None))._mgr
        object.__delattr__(self, "_handed")
        object.__setattr__(self, "__class__", pd.DataFrame)
        object.__setattr__(self, "_mgr", manager)
        return manager

    def __getitem__(self, key: Any) -> Any:
        loaded, cells, read = self._handed
        if isinstance(key, list) and key and all(isinstance(name, str) and name in self for name in key):
            parts = {name: self[name] for name in key}
            if len(parts) == len(key):
                return pd.DataFrame(parts, copy=False)
        if not isinstance(key, str) or key not in loaded.numbers:
            return super().__getitem__(key)
        if key not in read:
            read[key] = loaded.column(key, cells(key))
        return read[key].copy(deep=False)

    def __contains__(self, key: object) -> bool:  # type: ignore[misc]
        return key in self._handed[0].numbers

    def __len__(self) -> int:
        return len(self._handed[0].frame)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self._mgr  # noqa: B018
        return self.__reduce_ex__(protocol)
