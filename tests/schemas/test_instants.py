"""Feed times of every shape become the same UTC instant, or are refused."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from schemas.incoming.times.moment import instant
from schemas.refusal import Invalid

MOMENT = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
EPOCH = int(MOMENT.timestamp())


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-03T09:30:00Z",
        "2026-03-03T09:30:00z",
        "2026-03-03t09:30:00Z",
        "2026-03-03 09:30:00",
        "2026-03-03T09:30",
        "2026-03-03T09:30Z",
        "2026-03-03T09:30:00.000Z",
        "2026-03-03T09:30:00,000000000Z",
        "2026-03-03T11:30:00+02:00",
        "2026-03-03T04:30:00-0500",
        "2026-03-03T10:30:00+01",
        "2026-03-03 09:30:00 +0000",
        "2026-03-03 09:30:00 UTC",
        "2026-03-03T09:30:00GMT",
        "20260303T093000Z",
        "  2026-03-03T09:30:00Z\n",
        "Tue, 03 Mar 2026 09:30:00 GMT",
        "Tue, 3 Mar 2026 09:30 UT",
        "Tue, 03 Mar 2026 09:30:00 +0000",
        "Tue, 03 Mar 2026 09:30:00 -0000",
        "Tue, 03 Mar 2026 09:30:00 Z",
        "Tue, 03 Mar 2026 09:30:00",
        "Tue, 03 Mar 26 04:30:00 EST",
        "03 Mar 2026 05:30:00 EDT",
        "Tuesday, 03-Mar-26 09:30:00 GMT",
        "Tue, 03 Mar 2026 01:30:00 PST",
        EPOCH,
        float(EPOCH),
        EPOCH * 1000,
        EPOCH * 1000.0,
        str(EPOCH),
        f"{EPOCH}.0",
        str(EPOCH * 1000),
        EPOCH * 1_000_000,
        EPOCH * 1_000_000_000,
        str(EPOCH * 1_000_000_000),
        202603030930,
        "20260303093000",
        20260303093000.0,
        "20260303T093000",
        "20260303-09:30:00.000",
        "2026/03/03 09:30:00",
        "2026-03-03 09:30:00 AM",
        "2026-W10-2T09:30:00Z",
        "2026-062T09:30",
        "2026-03-03T10:30+01:00[Europe/Paris]",
        "2026-03-03T04:30[America/New_York]",
        "2026-03-03 09:30:00 +0000 UTC",
        "2026-03-03 09:30:00 +0000 UTC m=+0.001",
        "Tue, 03 Mar 2026 10:30:00 CET",
        "Tue, 03 Mar 2026 11:30:00 GMT+2",
        "Tue, 03 Mar 2026 09:30:00 +0000 (UTC)",
        "Tue Mar 03 2026 10:30:00 GMT+0100 (Central European Standard Time)",
        "Tue Mar  3 09:30:00 2026",
        "Tue Mar 03 09:30:00 +0000 2026",
        "Tue Mar  3 04:30:00 EST 2026",
        "March 3, 2026 9:30 AM",
        "Mar-03-26 09:30AM",
        "3 March 2026 09:30",
        "03.03.2026 09:30",
        f"/Date({EPOCH * 1000})/",
        [2026, 3, 3, 9, 30],
        {"$date": "2026-03-03T09:30:00Z"},
        {"seconds": EPOCH, "nanos": 0},
    ],
)
def test_forms_of_one_instant(value: JsonValue) -> None:
    """A feed that writes its time in this form would be shifted or set aside."""
    read = instant(value, "published")
    assert read == MOMENT
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-03", datetime(2026, 3, 3, tzinfo=UTC)),
        ("20260303", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2026-03-03T09:30:00.123456789Z", MOMENT + timedelta(microseconds=123_456)),
        (EPOCH + 0.25, MOMENT + timedelta(milliseconds=250)),
        (EPOCH * 1000 + 7, MOMENT + timedelta(milliseconds=7)),
        (10**11, datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)),
        ("2100-12-31T23:59:59Z", datetime(2100, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_precision_and_edges(value: JsonValue, expected: datetime) -> None:
    """Articles of the same second would change their order, or the last good day be refused."""
    assert instant(value, "published") == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "2026-03-03T25:00:00Z",
        "2026-03-03T09:30:00+99:00",
        0,
        20_515,
        46_084.34375,
        "03/13/2026",
        "Tue, 31 Feb 2026 09:30:00 GMT",
        "Tue, 03 Foo 2026 09:30:00 GMT",
        "Tue, 03 Mar 2026 09:30:00 IST",
        "Tue, 03 Mar 2026 09:30:00 A",
        "two hours ago",
        "2026-03",
        "Tue, 03 Mar 2026 09:30:00 +9999",
        "03/04/2026",
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2101-01-01T00:00:00Z",
        -1,
        10**11 - 1,
        "-1",
        1e300,
        10**30,
        "1" + "0" * 5000,
        "1e9",
        "nan",
        "infinity",
        "1_700_000_000",
        "\u0661\u0667\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660",
        True,
        False,
        [],
        [EPOCH, 1],
        {},
        {"$time": EPOCH},
    ],
)
def test_refused_times(value: JsonValue) -> None:
    """A wrong time would put an article into the wrong window, or crash the stage."""
    with pytest.raises(Invalid, match="published"):
        instant(value, "published")


def test_the_workers_own_zone_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that runs in Tokyo would shift every time without a zone by nine hours."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        read = [instant(text, "x") for text in ("2026-03-03T09:30", "3 Mar 2026 09:30", str(EPOCH))]
    time.tzset()
    assert read == [MOMENT] * 3


@pytest.mark.property
@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 12, 31)))  # noqa: DTZ001 - naive is UTC
def test_naive_is_utc(moment: datetime) -> None:
    """Feeds without a zone would be shifted by the worker's own."""
    assert instant(moment.isoformat(), "published") == moment.replace(tzinfo=UTC)


@pytest.mark.property
@given(
    st.from_regex(r"\A(Mon, )?\d{1,2}[ -][A-Z][a-z]{2}[ -](\d\d|\d{4}) \d\d?:\d\d( [+-]\d{4})?\Z")
    | st.from_regex(r"\A\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?\Z")
    | st.from_regex(r"\A[+-]?\d{1,19}(\.\d{0,9})?\Z")
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers()
    | st.text(max_size=40)
)
def test_total(value: JsonValue) -> None:
    """One odd date would crash the worker again and again."""
    try:
        year = instant(value, "published").year
    except Invalid:
        return
    assert 1970 <= year <= 2100
