"""Options of the commands that read files of articles."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

from infra.input.columns.dates import DateRule, check_format, parsed_zone
from infra.input.columns.map_option import Map, parsed
from infra.input.columns.plan import ARTICLES, Reads
from infra.input.profiles import choose
from infra.usage_error import UsageError
from schemas.incoming.profiles.profile import HEADER, Profile
from schemas.incoming.profiles.shipped import shipped
from schemas.incoming.reading import DEFAULT_DOOR, Door

Form = Literal["auto", "jsonl", "json", "csv", "feed"]

Headers = Sequence[tuple[str, bytes]]


class InputOptions(NamedTuple):
    """How the rows of files become messages.

    Attributes:
        mapping: Fields to the names of their columns.
        form: The form of the files.
        dates: How dates are read.
        encoding: The encoding of the files; empty if their beginning tells.
        headers: Headers of each message.
        reads: The fields that are read.
        profile: The profile that all are read with; None if each is recognised by its fields.
        foreign_profile: The name of that profile if workers of these settings do not have it.
        door: How the pipeline reads the messages.
    """

    mapping: Map = MappingProxyType({})
    form: Form = "auto"
    dates: DateRule = DateRule()
    encoding: str = ""
    headers: Headers = ()
    reads: Reads = ARTICLES
    profile: Profile | None = None
    foreign_profile: str = ""
    door: Door = DEFAULT_DOOR


def parse_options(  # noqa: PLR0913 - one for each option
    mapping: str = "",
    form: Form = "auto",
    reads: Reads = ARTICLES,
    *,
    date_format: str = "",
    timezone: str = "",
    encoding: str = "",
    headers: Sequence[str] = (),
    profile: str = "",
    door: Door = DEFAULT_DOOR,
) -> InputOptions:
    """Return what the options of a command line say.

    Raises:
        UsageError: An option can't be used; the message names it.
    """
    check_format(date_format)
    pairs = []
    for text in headers:
        name, equals, value = text.partition("=")
        if not name.strip() or not equals:
            raise UsageError(f"--headers: {text!r} should look like name=value")
        pairs.append((name.strip(), value.encode("utf-8", "surrogateescape")))
    chosen = choose(profile, door.profiles or shipped(), door.topic)
    if chosen.name:
        pairs.append((HEADER, chosen.name.encode()))
    dates = DateRule(date_format, parsed_zone(timezone))
    columns = parsed(mapping, reads.fields, reads.row_kind)
    return InputOptions(
        columns,
        form,
        dates,
        encoding,
        tuple(pairs),
        reads,
        chosen.profile,
        chosen.name if chosen.is_foreign else "",
        door._replace(profiles=chosen.profiles),
    )
