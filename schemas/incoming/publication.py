"""The time of publication of an item: the first of its dates that can be read."""

import re
from contextlib import suppress
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import JsonValue

from schemas.incoming.aliases import fold
from schemas.incoming.fields import Fields
from schemas.incoming.times.moment import REMEDY, Moment, moment
from schemas.incoming.times.numbers import UnreadableTime
from schemas.refusal import Invalid

EVENT_TIME: Final = "ce_time"
MARK: Final = "newsquake_published_from"
"""The key in `extra` that says that the date is the event's."""
AHEAD: Final = "newsquake_in_future"
"""The key in `extra` that says that the date lies after the time of sending."""
IN_FUTURE: Final = (
    "lies after the time of sending by more than detect.max_ahead; the detector sets news from the "
    "future aside"
)
_CLOCK: Final = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?", re.ASCII)
_DAY_CHARACTERS: Final = 10


class Publication(NamedTuple):
    """When an item was published, and the name of the field that says so."""

    time: datetime
    name: str


def publication(fields: Fields, event_time: JsonValue) -> Publication:
    """Take the time of publication; first publication counts before an update.

    Raises:
        Invalid: there is none, or none can be read.
    """
    problem: tuple[str, str] | None = None
    is_zero = ""
    zone, formats = fields.profile.own_zone, fields.profile.formats
    for name in fields.names.get("published", ()):
        value = fields.get(name)
        if value is None or value == "":
            fields.body.pop(name, None)
            continue
        try:
            result = moment(_with_clock(fields, name, value), zone, formats)
        except UnreadableTime as error:
            problem = problem or (name, str(error))
            continue
        if result is None:
            is_zero = is_zero or name
            continue
        fields.body.pop(name, None)
        if result.doubt:
            fields.warn(name, result.doubt)
        if problem:
            fields.warn(problem[0], f"{problem[1]}; {name} is taken instead")
            fields.unread[problem[0]] = problem[1]
        return Publication(result.time, name)
    if problem:
        raise Invalid(problem[0][:64], problem[1], REMEDY)
    if event_time is None:
        if is_zero:
            raise Invalid(is_zero[:64], "is a zero value, no time", REMEDY)
        remedy = "send published, pubDate or the event's time, or name its field in a profile"
        raise Invalid("published", "is missing", remedy)
    return Publication(_event_moment(fields, event_time).time, EVENT_TIME)


def note_future(fields: Fields, published: Publication, latest: float) -> None:
    """Warn of a time that lies after the Unix time ``latest``, and note it in the article."""
    if published.time.timestamp() > latest:
        name = published.name[:64]
        fields.warn(name, IN_FUTURE)
        fields.body.setdefault(AHEAD, f"{name} {IN_FUTURE}")


def _with_clock(fields: Fields, name: str, value: JsonValue) -> JsonValue:
    """Return a day with the time of day that stands in a field of its own."""
    if isinstance(value, str) and len(value) <= _DAY_CHARACTERS and fold(name) == "date":
        for other in fields.names["published"]:
            clock = fields.body.get(other)
            if fold(other) == "time" and isinstance(clock, str) and _CLOCK.fullmatch(clock):
                dated = f"{value} {clock}"
                return dated if _can_be_read(fields, dated) else value
    return value


def _can_be_read(fields: Fields, value: str) -> bool:
    with suppress(UnreadableTime):
        return moment(value, fields.profile.own_zone, fields.profile.formats) is not None
    return False


def _event_moment(fields: Fields, event_time: JsonValue) -> Moment:
    try:
        result = moment(event_time)
    except UnreadableTime as error:
        raise Invalid(EVENT_TIME, str(error), REMEDY) from None
    if result is None:
        raise Invalid(EVENT_TIME, "is a zero value, no time", REMEDY)
    fields.warn("published", "is the time of the event, since the data has no date")
    return result
