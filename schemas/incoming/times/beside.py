"""Times of an item that several of its fields say together: day, time of day, zone."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from pydantic import JsonValue

from schemas.incoming.aliases import UTC_NAMES, ZONE, fold, names_in
from schemas.incoming.fields import Fields
from schemas.incoming.placeholders import is_nothing
from schemas.incoming.times.moment import Moment, moment
from schemas.incoming.times.numbers import UnreadableTime
from schemas.incoming.times.zones import zone_named
from schemas.refusal import excerpt

_CLOCK: Final = re.compile(
    r"\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?"
    r"(?: ?(?:[A-Za-z]{1,5}|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
"""A time of day, as it stands in a field beside that of the day."""
_DIGITS_OF_CLOCK: Final = re.compile(r"[0-2]\d[0-5]\d(?:[0-5]\d)?", re.ASCII)
DAY_CHARACTERS: Final = 12
"""The longest text of a day without a time."""
_NO_PUBLICATION: Final = re.compile("updat|modif|revis|edit|chang|refresh|creat|stamp|^ts|^epoch")
"""Names of times that do not make the day of publication more precise."""
_METADATA: Final = ("metadata", "meta", "itemMeta", "dates", "timestamps", "attributes", "info")
"""Objects in an item that hold its times."""
_A_DAY: Final = timedelta(days=1)


def time_of(
    fields: Fields, name: str, value: JsonValue, zone: tzinfo | None = None
) -> Moment | None:
    """Return the time in a field, with the time of day that stands in a field of its own.

    Raises:
        UnreadableTime: It is none.
    """
    profile = fields.profile
    zone = UTC if name[-3:] in UTC_NAMES else zone or profile.own_zone
    if isinstance(value, str) and len(value) <= DAY_CHARACTERS and ":" not in value:
        for other in fields.names["published"]:
            if other != name and (clock := _clock(other, fields.body.get(other))):
                there = UTC if other[-3:] in UTC_NAMES else zone
                with suppress(UnreadableTime):
                    return moment(f"{value} {clock}", there, profile.formats)
    return moment(value, zone, profile.formats)


def _clock(name: str, value: JsonValue) -> str:
    """Return the time of day in a field; empty if there is none."""
    if not isinstance(value, str):
        return ""
    if _DIGITS_OF_CLOCK.fullmatch(value) and fold(name).endswith("time"):
        return f"{value[:2]}:{value[2:4]}:{value[4:] or '00'}"
    return value if is_clock(value) else ""


def is_clock(value: JsonValue) -> bool:
    """Return whether a value is a time of day alone."""
    return isinstance(value, str) and _CLOCK.fullmatch(value) is not None


def in_zone_beside(fields: Fields, name: str, naive: Moment) -> Moment:
    """Return a time without a zone in the one that another field of the item names."""
    for zone_name in fields.names[ZONE]:
        text = fields.get(zone_name)
        if isinstance(text, str) and text and not is_nothing(text):
            place = zone_named(text, None, naive.time)
            if place is None:
                fields.warn(zone_name[:64], f"names the zone {excerpt(text)}, which is unknown")
                return naive
            return time_of(fields, name, fields.get(name), place) or naive
    return naive


def more_precise(fields: Fields, name: str, day: Moment) -> tuple[str, Moment]:
    """Return the time of publication on the ``day`` of another field that has one, and its name."""
    names = fields.names["published"]
    for other in names[names.index(name) + 1 :]:
        value = fields.get(other)
        if value is None or _NO_PUBLICATION.search(fold(other)):
            continue
        with suppress(UnreadableTime):
            result = time_of(fields, other, value)
            if result and not result.is_day and abs(result.time - day.time) <= _A_DAY:
                return other, result
    return name, day


def in_metadata(fields: Fields) -> tuple[str, datetime] | None:
    """Return the path and the time that stands among the item's metadata."""
    profile = fields.profile
    for key in _METADATA:
        inner = fields.body.get(key)
        if not isinstance(inner, dict):
            continue
        for name in names_in(inner).get("published", ()):
            with suppress(UnreadableTime):
                result = moment(inner[name], profile.own_zone, profile.formats)
                if result is not None:
                    path = f"{key}.{name}"[:64]
                    if result.doubt:
                        fields.warn(path, result.doubt)
                    return path, result.time
    return None
