"""Input files, looked into before they are read: form, encoding, dialect, columns and dates."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from infra.input.columns.dates import order_of
from infra.input.columns.names import count_known
from infra.input.columns.plan import Plan, make_plan
from infra.input.encoding import UTF_8_BOM, as_utf8
from infra.input.forms.csv_rows import Cells, open_csv
from infra.input.forms.dialect import DELIMITERS, Dialect, recognise
from infra.input.forms.feed_rows import feed_rows
from infra.input.forms.json_rows import documents, jsonl
from infra.input.forms.lines import bounded_lines
from infra.input.forms.rows import MAX_ROW_BYTES, Broken, Row
from infra.input.input_files import STDIN, Opened, open_input
from infra.input.options import InputOptions
from schemas.incoming.profiles.profile import Profile
from schemas.incoming.profiles.shipped import shipped

_SAMPLE_BYTES: Final = 1 << 18
_MAX_SAMPLE_ROWS: Final = 1_000
_MAX_ROWS_AHEAD: Final = 20_000
"""Rows of a pipe that are held until one decides the order of its dates."""


class TableRow(NamedTuple):
    """A row of a CSV file, as the fields of an article."""

    line: int
    fields: dict[str, Any]


def form_of(file: str, start: bytes) -> Literal["jsonl", "json", "csv", "feed"]:
    """Return the form of ``file``, judged by its ``start``, and by its ending where that is open.

    XML is a feed, and what begins with a bracket, or with an object that goes on in the next line,
    is a document of JSON. A line with a delimiter and no brace at its beginning is the header of a
    CSV file.

    >>> form_of("-", b"title,date")
    'csv'
    """
    name = file.removesuffix(".gz").lower()
    text = start.removeprefix(UTF_8_BOM).lstrip()
    line = text.partition(b"\n")[0].rstrip()
    if name.endswith((".csv", ".tsv", ".tab")):
        return "csv"
    if text.startswith(b"<"):
        return "feed"
    if text.startswith(b"["):
        return "json"
    if text.startswith(b"{"):
        goes_on = not line.endswith(b"}") and b"\n" in text
        return "json" if goes_on and not name.endswith((".jsonl", ".ndjson")) else "jsonl"
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return "jsonl"
    return "csv" if any(delimiter.encode() in line for delimiter in DELIMITERS) else "jsonl"


class InputFile(NamedTuple):
    """A file whose form is known, and for CSV its dialect and columns.

    Attributes:
        name: The name of the file, ``-`` for standard input.
        form: The form of the file.
        options: The options of the command.
        stream: The stream, if the file can't be opened a second time.
        first: Lines that were taken from ``stream``.
        dialect: The dialect of a CSV file.
        plan: How the cells of a CSV file become fields.
    """

    name: str
    form: str
    options: InputOptions
    stream: BufferedReader | None = None
    first: bytes = b""
    dialect: Dialect = Dialect()
    plan: Plan | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What holds for each row of the file."""
        return self.plan.warnings if self.plan else ()

    def notices(self) -> Iterator[str]:
        """Yield what was recognised and guessed, and may have to be corrected."""
        if self.dialect.delimiter != ",":
            yield f"read as cells separated by {DELIMITERS.get(self.dialect.delimiter)}s"
        if not self.plan:
            return
        if self.plan.guessed:
            guesses = [f"{field} from {column}" for field, column in self.plan.guessed.items()]
            yield f"guessed: {', '.join(guesses)}; --map says otherwise"
        dates = self.plan.dates
        if dates.order in {"day", "month"} and dates.line:
            yield f"dates have the {dates.order} first, as line {dates.line} shows"
        yield from self.plan.warnings

    def rows(self, opened: Opened | None = None) -> Iterator[Row | TableRow | Broken]:
        """Yield the rows of the file, read as they are asked for; ``opened`` gets its stream.

        Raises:
            OSError: The file can't be read to its end.
        """
        if self.stream is not None:
            yield from self._read(self.stream)
            return
        with open_input(self.name, opened) as stream:
            yield from self._read(as_utf8(stream, self.options.encoding))

    def _read(self, stream: BufferedReader) -> Iterator[Row | TableRow | Broken]:
        if self.form == "feed":
            yield from feed_rows(stream)
        elif self.form == "json":
            yield from documents(stream)
        elif self.form == "jsonl":
            yield from jsonl(bounded_lines(stream))
        elif self.plan:
            lines = chain([self.first] if self.first else [], bounded_lines(stream))
            rows = open_csv(lines, self.dialect).rows
            plan = self.plan
            if self.stream is not None and plan.dates.order == "ambiguous":
                ahead = list(islice(rows, _MAX_ROWS_AHEAD))
                plan, rows = _with_order(plan, ahead), chain(ahead, rows)
            yield from table_rows(rows, plan)


@contextmanager
def inspect(file: str, options: InputOptions) -> Iterator[InputFile]:
    """Look into a file, and keep it open if it is a pipe, which can't be opened again.

    Raises:
        UsageError: The file can't be opened, or lacks a column that is mapped or wanted.
        OSError: The file is not a whole gzip file.
    """
    is_pipe = file == STDIN or not Path(file).is_file()
    with ExitStack() as stack:
        stream = as_utf8(stack.enter_context(open_input(file)), options.encoding)
        form = form_of(file, stream.peek(_SAMPLE_BYTES)) if options.form == "auto" else options.form
        inspected = InputFile(file, form, options, stream if is_pipe else None)
        if form == "csv":
            inspected = inspect_csv(inspected, stream)
        if not is_pipe:
            stack.close()
        yield inspected


def inspect_csv(file: InputFile, stream: BufferedReader) -> InputFile:
    """Recognise the dialect, the columns, and the order of dates of a CSV file."""
    options = file.options
    first = stream.readline(MAX_ROW_BYTES)
    sample = (first + stream.peek(_SAMPLE_BYTES)).removeprefix(UTF_8_BOM)
    dialect = recognise(sample.decode("utf-8", "surrogateescape"), count_known)
    columns, rows = open_csv(sample.splitlines(keepends=True), dialect)
    cells = [row for row in islice(rows, _MAX_SAMPLE_ROWS) if isinstance(row, Cells)]
    if len(cells) > 1 and not sample.endswith((b"\n", b"\r")):
        cells.pop()
    reads, profile = options.reads, profile_of(columns, options)
    if reads.guesses:
        reads = reads._replace(named=profile.names, shape=profile.shape)
    plan = make_plan(file.name, columns, [row.cells for row in cells], options.mapping, reads)
    plan = plan._replace(dates=options.dates)
    has_formats = options.dates.form or profile.formats
    if not has_formats and plan.published is not None:
        plan = _with_order(plan, cells)
        if plan.dates.order == "ambiguous" and file.stream is None:
            lines = chain([first], bounded_lines(stream))
            plan = _with_order(plan, open_csv(lines, dialect).rows)
    taken = first if file.stream is not None else b""
    return file._replace(first=taken, dialect=dialect, plan=plan)


def profile_of(columns: Sequence[str], options: InputOptions) -> Profile:
    """Return the profile that the pipeline will read the rows of a table with."""
    if options.profile:
        return options.profile
    fields = {column: field for field, column in options.mapping.items()}
    profiles = options.door.profiles or shipped()
    profile, _ = profiles.lookup({fields.get(column, column): None for column in columns})
    return profile


def _with_order(plan: Plan, rows: Iterable[Cells | Broken]) -> Plan:
    """Return ``plan`` with the order of the numeric dates in ``rows``."""
    dates = ((row.line, plan.date(row.cells)) for row in rows if isinstance(row, Cells))
    order, line = order_of(dates)
    return plan._replace(dates=plan.dates._replace(order=order, line=line))


def table_rows(rows: Iterable[Cells | Broken], plan: Plan) -> Iterator[TableRow | Broken]:
    """Yield the fields of ``rows``; a row that is too short or too long is broken."""
    width = plan.width
    for row in rows:
        if isinstance(row, Broken):
            yield row
            continue
        line, cells = row
        if len(cells) < plan.min_cells or any(cells[width:]):
            yield Broken(line, f"has {len(cells)} cells, the header {width}")
        elif plan.dates.order and (problem := plan.dates.problem(plan.date(cells))):
            yield Broken(line, problem)
        else:
            yield TableRow(line, plan.fields(cells))
