"""Times as vendors, databases and languages write them; none is guessed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue

from schemas.incoming.times.moment import moment
from schemas.incoming.times.numbers import UnreadableTime

MOMENT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
DAY = datetime(2026, 3, 3, tzinfo=UTC)
EPOCH = int(MOMENT.timestamp())
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "value",
    [
        "Tue,03 Mar 2026 09:30:00 GMT",
        "Di, 03 Mär 2026 09:30:00 +0000",
        "mar., 03 mars 2026 10:30:00 +0100",
        "3 de marzo de 2026 09:30",
        "Tue, 03 Mar 2026 09:30:00 +0000 GMT",
        "Tue, 03 Mar 2026 04:30:00 (EST)",
        "Tue, 03 Mar 2026 04:30:00 (UTC-5)",
        "Tue, 03 Mar 2026 9:30:0 GMT",
        "March 03, 2026 04:30 AM Eastern Standard Time",
        "Mar. 3, 2026 4:30 a.m. ET",
        "4:30 AM ET, Tue March 3, 2026",
        "09:30 03 Mar 2026",
        "09:30 2026-03-03",
        "Tue Mar 03 10:30:00 GMT+01:00 2026",
        "03-MAR-26 09.30.00.000000 AM",
        "2026-03-03-09.30.00.000000",
        "2026-03-03_09:30:00",
        "2026-03-03, 09:30",
        "2026-03-03 at 09:30:00 UTC",
        "2026-03-03 04:30:00 -0500 EST",
        "2026-03-03 10:30:00 +0100 CET m=+12.345678901",
        "2026-03-03 04:30:00 America/New_York",
        "2026-03-03T09:30:00+00:00[Europe/London][u-ca=iso8601]",
        "2026062T093000Z",
        "20260303_093000",
        "20260303093000Z",
        "20260303103000+0100",
        "202603030930Z",
        "20260303093000000",
        "2026-03-03\u00a009:30:00",
        "Mar 3, 2026, 9:30\u202fAM",
        "2026-03-03T04:30:00\u221205:00",
        "\ufeff2026-03-03T09:30:00Z",
        "1.772530200000E12",
        "datetime.datetime(2026, 3, 3, 9, 30, tzinfo=datetime.timezone.utc)",
        "datetime.datetime(2026, 3, 3, 9, 30)",
        "Timestamp('2026-03-03 04:30:00', tz='America/New_York')",
        'ISODate("2026-03-03T09:30:00Z")',
        {"$timestamp": {"t": EPOCH, "i": 1}},
        {"@type": "xsd:dateTime", "@value": "2026-03-03T09:30:00Z"},
        {"long": EPOCH * 1000},
        {"date": "2026-03-03 04:30:00", "timezone_type": 3, "timezone": "America/New_York"},
        {"dateTime": "2026-03-03T04:30:00", "timeZone": "EST"},
        {"date": "2026-03-03", "time": "09:30:00"},
        {"date": {"year": 2026, "month": 3, "day": 3}, "time": {"hour": 9, "minute": 30}},
        {"year": 2026, "month": "MARCH", "monthValue": 3, "dayOfMonth": 3, "hour": 9, "minute": 30},
        ["2026-03-03T09:30:00Z", "2026-03-04T09:30:00Z"],
    ],
)
def test_one_instant(value: JsonValue) -> None:
    """A vendor's articles would be refused, or be off by the hours of its zone."""
    result = moment(value)
    assert result is not None
    assert result.time == MOMENT


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-03Z", DAY),
        ("20260303T09", DAY + timedelta(hours=9)),
        ({"seconds": EPOCH, "nanos": 123_456_000}, MOMENT + timedelta(microseconds=123_456)),
        ([2026, 3, 3, 9, 30, 0, 123_456_000], MOMENT + timedelta(microseconds=123_456)),
        (20260303093000123, MOMENT + timedelta(milliseconds=123)),
    ],
)
def test_precision_is_kept(value: JsonValue, expected: datetime) -> None:
    """Articles of one second would change their order."""
    result = moment(value)
    assert result is not None
    assert result.time == expected


@pytest.mark.parametrize(
    "value",
    [
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Thu Jan  1 00:00:00 1970",
        "Wed, 31 Dec 1969 19:00:00 EST",
        "01.01.1970 00:00",
        "19700101000000",
        19700101,
        "0000-00-00 00:00:00",
        "1601-01-01T00:00:00Z",
        "None",
        "NaT",
        "N/A",
        -62_135_596_800,
        253_402_300_799_000,
        2**31 - 1,
        -(2**63),
        "/Date(-62135596800000)/",
    ],
)
def test_what_stands_for_no_time(value: JsonValue) -> None:
    """A database's empty cell would be an article of 1970, or of the last day there is."""
    assert moment(value) is None


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("2026030325", "does not exist"),
        (202613030930, "does not exist"),
        ("260303093000", "YYMMDDhhmmss"),
        ("Tue, 03 Mar 2026 09:30:00 (IST)", "ambiguous"),
    ],
)
def test_what_is_not_guessed(value: JsonValue, problem: str) -> None:
    """A wrong digit would move an article to 1976, 1978 or 2034."""
    with pytest.raises(UnreadableTime, match=problem):
        moment(value)


@pytest.mark.parametrize(
    ("value", "doubt"),
    [
        ("2026-03-08 02:30:00", "skipped"),
        ("2026-11-01 01:30:00", "twice"),
        ("2026-07-01", "a day without a time"),
    ],
)
def test_hours_in_which_clocks_change_are_doubtful(value: str, doubt: str) -> None:
    """An hour's error twice a year would not be seen."""
    result = moment(value, NEW_YORK)
    assert result is not None
    assert doubt in result.doubt


def test_an_abbreviation_is_first_that_of_the_source() -> None:
    """China's CST would be read as Chicago's, fourteen hours off."""
    result = moment("2026-03-03 17:30 CST", ZoneInfo("Asia/Shanghai"))
    assert result is not None
    assert result.time == MOMENT
