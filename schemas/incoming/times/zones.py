"""Names of zones in feeds, of which each has one meaning only."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MINUTES: Final = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "EST": -300, "EDT": -240, "CST": -360,
    "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480,
    "HST": -600, "NST": -210, "NDT": -150, "BST": 60, "CET": 60, "CEST": 120, "MET": 60,
    "MEST": 120, "MEZ": 60, "MESZ": 120, "WEST": 60, "EET": 120, "EEST": 180, "MSK": 180,
    "SAST": 120, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "AWST": 480, "ACST": 570,
    "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "PKT": 300, "BRT": -180,
}  # fmt: skip
"""Minutes east of Greenwich; RFC 822 names first. IST and AST have several meanings: not here."""
_REGIONS: Final = {
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}  # fmt: skip
"""What American wires write in summer and winter."""
_LONG_NAMES: Final = {
    "EASTERN TIME": "ET", "CENTRAL TIME": "CT", "MOUNTAIN TIME": "MT", "PACIFIC TIME": "PT",
    "EASTERN STANDARD TIME": "EST", "EASTERN DAYLIGHT TIME": "EDT", "CENTRAL STANDARD TIME": "CST",
    "CENTRAL DAYLIGHT TIME": "CDT", "MOUNTAIN STANDARD TIME": "MST",
    "MOUNTAIN DAYLIGHT TIME": "MDT", "PACIFIC STANDARD TIME": "PST", "PACIFIC DAYLIGHT TIME": "PDT",
    "GREENWICH MEAN TIME": "GMT", "COORDINATED UNIVERSAL TIME": "UTC", "BRITISH SUMMER TIME": "BST",
    "CENTRAL EUROPEAN TIME": "CET", "CENTRAL EUROPEAN SUMMER TIME": "CEST",
    "JAPAN STANDARD TIME": "JST",
}  # fmt: skip
_OFFSET: Final = re.compile(r"(?:GMT|UTC?|Z)? ?([+-])(\d{1,2}):?(\d\d)?", re.ASCII)
_MAX_OFFSET_MINUTES: Final = 15 * 60


def zone_named(name: str, own: tzinfo | None, moment: datetime) -> tzinfo | None:
    """Return the zone that ``name`` means at ``moment``, or None.

    An offset such as ``+0100`` or ``GMT+1``, an abbreviation, or a name such as
    ``Europe/Paris``. An ambiguous abbreviation is that of ``own``, the source's zone, if it has it.
    """
    text = name.strip()
    upper = text.upper()
    upper = _LONG_NAMES.get(upper, upper)
    if own is not None and moment.replace(tzinfo=own).tzname() == upper:
        return own
    if upper in _REGIONS:
        return zone(_REGIONS[upper])
    if upper in _MINUTES:
        minutes = _MINUTES[upper]
        return timezone(timedelta(minutes=minutes)) if minutes else UTC
    if offset := _OFFSET.fullmatch(upper):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > _MAX_OFFSET_MINUTES or int(offset[3] or 0) > 59:  # noqa: PLR2004 - minutes
            return None
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    return zone(text) if "/" in text else None


def zone(name: str) -> tzinfo | None:
    """Return the zone of the IANA database with this name, or None if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(name: str) -> tzinfo | None:
    """Return the zone with this name, of the database or an abbreviation without summer time."""
    if not name:
        return None
    minutes = _MINUTES.get(name.upper())
    return zone(name) if minutes is None else timezone(timedelta(minutes=minutes))
