"""The plan by which the cells of a CSV file become the fields of an article."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from infra.input.columns.cells import counts_rows, date_and_time
from infra.input.columns.dates import DateRule
from infra.input.columns.header import check_is_text, listed
from infra.input.columns.map_option import FIELDS, Map
from infra.input.columns.names import ESSENTIAL, PLAIN, aliases, folded, guess_rank, known_alias
from infra.usage_error import UsageError

_MAX_NAMES_SHOWN: Final = 2
"""Names of a field in an error message; the best known come first."""


class Reads(NamedTuple):
    """The fields that are read from a file.

    Attributes:
        fields: Their names.
        wanted: Essential fields to the column names by which they are recognised.
        row_kind: The word for the rows of such a file in error messages.
        guesses: Other columns that a person would understand are taken, too.
        named: Fields to the names under which a profile reads them.
        shape: Columns that keep their names, since a profile is recognised by them.
    """

    fields: Sequence[str]
    wanted: Mapping[str, Sequence[str]]
    row_kind: str
    guesses: bool = False
    named: Mapping[str, Sequence[str]] = MappingProxyType({})
    shape: Sequence[str] = ()


ARTICLES: Final = Reads(
    FIELDS, {field: aliases(field) for field in ESSENTIAL}, "articles", guesses=True
)


class Plan(NamedTuple):
    """The way from the cells of a row to its fields.

    Attributes:
        names: The field of each column; None if the column is left out.
        min_cells: A row with fewer cells lacks an essential one.
        published: The column of the date to which `dates` applies; None without one.
        time: The column of the time of day, which is added to the date; None without one.
        dates: How dates are read.
        guessed: Fields to the columns that were guessed for them.
        warnings: What holds for every row of the file.
    """

    names: tuple[str | None, ...]
    min_cells: int
    published: int | None = None
    time: int | None = None
    dates: DateRule = DateRule()
    guessed: Mapping[str, str] = MappingProxyType({})
    warnings: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.names)

    def date(self, cells: Sequence[str]) -> str:
        """Return the date of a row, with its time of day."""
        if self.published is None or self.published >= len(cells):
            return ""
        date = cells[self.published]
        if self.time is None or self.time >= len(cells) or not date.strip():
            return date
        return f"{date.strip()} {cells[self.time].strip()}".rstrip()

    def fields(self, cells: Sequence[str]) -> dict[str, Any]:
        """Return the fields of a row; columns that it lacks have none."""
        fields: dict[Any, Any] = dict(zip(self.names, cells, strict=False))
        fields.pop(None, None)
        if self.published is not None and (self.time is not None or self.dates.changes):
            name = self.names[self.published]
            if name in fields:
                fields[name] = self.dates.explicit(self.date(cells))
        return fields


def make_plan(
    file: str, columns: Sequence[str], rows: Sequence[Sequence[str]], mapping: Map, reads: Reads
) -> Plan:
    """Return the plan for a file with these ``columns``; ``rows`` are a sample of it.

    Raises:
        UsageError: The file has no header, or lacks a column that is mapped or wanted.
    """
    if not any(columns):
        raise UsageError(f"{file}: has no header with the names of the columns: is it empty?")
    names: list[str | None] = [name or None for name in columns]
    by_field = mapped_columns(file, columns, mapping)
    for field, column in by_field.items():
        names[column] = field
    for field, known in reads.named.items():
        own = next((columns.index(name) for name in known if name in columns), None)
        if own is not None:
            by_field.setdefault(field, own)
    guessed: dict[str, str] = {}
    if reads.guesses:
        rename_aliases(names, columns, by_field, reads.shape)
        guessed = {
            field: columns[index]
            for field, index in by_field.items()
            if field not in {*mapping, *reads.named} and folded(columns[index]) not in PLAIN
        }
        guessed |= guess_columns(names, columns, by_field, reads.shape)
    else:
        for field in reads.fields:
            by_field.setdefault(field, _index(columns, field))
    check_wanted(file, columns, by_field, reads)

    published, time = by_field.get("published"), None
    if published is not None and columns[published] not in reads.shape:
        published, time = date_and_time(columns, rows, published)
    if time is not None and published is not None:
        names[time] = None
        names[published] = "published"
        guessed["published"] = f"{columns[published]} and {columns[time]}"
    identifier = by_field.get("id")
    warnings: tuple[str, ...] = ()
    if identifier is not None and "id" not in reads.named and counts_rows(rows, identifier):
        names[identifier] = None
        warnings = (f"{columns[identifier]}: counts the rows, so it is no identity",)
    min_cells = 1 + max(by_field[field] for field in reads.wanted)
    unique = unique_names(names, by_field.values())
    return Plan(unique, min_cells, published, time, DateRule(), guessed, warnings)


def mapped_columns(file: str, columns: Sequence[str], mapping: Map) -> dict[str, int]:
    """Return the index of each mapped field's column.

    Raises:
        UsageError: There is no such column.
    """
    indices = {field: _index(columns, column) for field, column in mapping.items()}
    missing = [mapping[field] for field, index in indices.items() if index < 0]
    if missing:
        raise UsageError(f"{file}: has no column {', '.join(missing)}; {listed(columns)}")
    return indices


def _index(columns: Sequence[str], name: str) -> int:
    """Return the column with exactly this name, else without case and punctuation, else -1."""
    if name in columns:
        return columns.index(name)
    alike = [index for index, column in enumerate(columns) if folded(column) == folded(name)]
    return alike[0] if alike else -1


def rename_aliases(
    names: list[str | None],
    columns: Sequence[str],
    by_field: dict[str, int],
    shape: Sequence[str] = (),
) -> None:
    """Rename columns that only differ from known names by case or punctuation, but for ``shape``.

    Add to ``by_field`` the column that the pipeline prefers for each field.
    """
    taken = set(by_field.values())
    for field in FIELDS:
        ranked: list[tuple[int, int]] = []
        for index, column in enumerate(columns):
            alias = known_alias(field, column)
            if index not in taken and alias is not None:
                taken.add(index)
                name = column if column in aliases(field) else alias
                if column not in shape:
                    names[index] = name
                ranked.append((aliases(field).index(name), index))
        if ranked:
            by_field.setdefault(field, min(ranked)[1])


def guess_columns(
    names: list[str | None],
    columns: Sequence[str],
    by_field: dict[str, int],
    shape: Sequence[str] = (),
) -> dict[str, str]:
    """Name the likeliest column of each field that has none; return fields and columns.

    Columns of a profile's ``shape`` mean what the profile says.
    """
    guessed: dict[str, str] = {}
    for field in FIELDS:
        if field in by_field:
            continue
        ranked = [
            (rank, index)
            for index, column in enumerate(columns)
            if index not in by_field.values()
            and column not in shape
            and (rank := guess_rank(field, column)) is not None
        ]
        if ranked:
            _, index = min(ranked)
            names[index], by_field[field], guessed[field] = field, index, columns[index]
    return guessed


def check_wanted(
    file: str, columns: Sequence[str], by_field: Mapping[str, int], reads: Reads
) -> None:
    """Check that there is a column for each field that is wanted.

    Raises:
        UsageError: A field has none; the message says how to map one.
    """
    for field, recognised in reads.wanted.items():
        if by_field.get(field, -1) < 0:
            check_is_text(file, columns)
            known = " or ".join(recognised[:_MAX_NAMES_SHOWN])
            raise UsageError(
                f"{file}: no column is called {known}; say which one is meant with "
                f"--map {field}=COLUMN; {listed(columns)}"
            )


def unique_names(names: Sequence[str | None], preferred: Collection[int]) -> tuple[str | None, ...]:
    """Return ``names``, each once; further columns of a name get a number."""
    unique: list[str | None] = list(names)
    taken = {names[index] for index in preferred}
    for index, name in enumerate(names):
        if name is None or index in preferred:
            continue
        number = 2
        while unique[index] in taken:
            unique[index] = f"{name}.{number}"
            number += 1
        taken.add(unique[index])
    return tuple(unique)
