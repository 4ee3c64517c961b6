"""The time of publication of an item: the first of its dates that can be read."""

import math
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from pydantic import JsonValue

from schemas.incoming.aliases import UTC_NAMES, ZONE
from schemas.incoming.fields import Fields
from schemas.incoming.times.beside import (
    DAY_CHARACTERS,
    in_metadata,
    in_zone_beside,
    is_clock,
    more_precise,
    time_of,
)
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


class Publication(msgspec.Struct, frozen=True, gc=False):
    """When an item was published, and the name of the field that says so."""

    time: datetime
    name: str


class _Problem(NamedTuple):
    """The first field whose time could not be read, and why."""

    name: str
    reason: str


def publication(fields: Fields, event_time: JsonValue) -> Publication:
    """Take the time of publication; first publication counts before an update.

    Raises:
        Invalid: there is none, or none can be read.
    """
    problem: _Problem | None = None
    is_zero = clock = ""
    zone, formats = fields.profile.own_zone, fields.profile.formats
    for name in fields.names.get("published", ()):
        value = fields.get(name)
        is_short = isinstance(value, str) and len(value) <= DAY_CHARACTERS
        if value is None or (is_short and not str(value).strip()):
            fields.body.pop(name, None)
            continue
        try:
            if is_short or name[-3:] in UTC_NAMES:
                result = time_of(fields, name, value)
            else:
                result = moment(value, zone, formats)
        except UnreadableTime as error:
            if is_clock(value):
                clock = clock or name
            else:
                problem = problem or _Problem(name, str(error))
            continue
        if result is not None:
            if result.doubt or problem:
                return _taken(fields, name, result, problem)
            fields.body.pop(name, None)
            return Publication(result.time, name)
        is_zero = is_zero or name
    if clock and not problem:
        problem = _Problem(clock, "is a time of day without a day")
    if problem:
        raise Invalid(problem.name[:64], problem.reason, REMEDY)
    return elsewhere(fields, event_time, is_zero)


def _taken(fields: Fields, name: str, result: Moment, problem: _Problem | None) -> Publication:
    """Return the time in the field ``name``, which leaves the item's object."""
    if result.doubt:
        if ZONE in fields.names and fields.profile.own_zone is None:
            result = in_zone_beside(fields, name, result)
        if result.is_day:
            name, result = more_precise(fields, name, result)
        if result.doubt:
            fields.warn(name, result.doubt)
    fields.body.pop(name, None)
    if problem:
        fields.warn(problem.name, f"{problem.reason}; {name} is taken instead")
        fields.unread[problem.name] = problem.reason
    return Publication(result.time, name)


def elsewhere(fields: Fields, event_time: JsonValue, is_zero: str) -> Publication:
    """Return the time that stands in the item's metadata, or is that of its event."""
    if found := in_metadata(fields):
        path, time = found
        return Publication(time, path)
    if event_time is not None:
        return Publication(_event_moment(fields, event_time).time, EVENT_TIME)
    if is_zero:
        raise Invalid(is_zero[:64], "is a zero value, no time", REMEDY)
    remedy = "send published, pubDate or the event's time, or name its field in a profile"
    raise Invalid("published", "is missing", remedy)


def note_future(fields: Fields, published: Publication, latest: float) -> None:
    """Warn of a time that lies after the Unix time ``latest``, and note it in the article."""
    if latest != math.inf and published.time.timestamp() > latest:
        name = published.name[:64]
        fields.warn(name, IN_FUTURE)
        fields.body.setdefault(AHEAD, f"{name} {IN_FUTURE}")


def _event_moment(fields: Fields, event_time: JsonValue) -> Moment:
    try:
        result = moment(event_time)
    except UnreadableTime as error:
        raise Invalid(EVENT_TIME, str(error), REMEDY) from None
    if result is None:
        raise Invalid(EVENT_TIME, "is a zero value, no time", REMEDY)
    fields.warn("published", "is the time of the event, since the data has no date")
    return result
