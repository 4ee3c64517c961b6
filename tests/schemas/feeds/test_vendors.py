"""One item of each vendor, written anew in the vendor's shape, is read with its shipped profile."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from infra.input.profile_folder import load_profiles
from infra.usage_error import UsageError
from schemas.incoming.item import Reading
from schemas.incoming.profiles.profile import PLAIN
from schemas.incoming.profiles.shipped import shipped
from schemas.incoming.reading import Refused, read_record
from tests.schemas.feeds.right import MOMENT, as_read, own
from tests.schemas.feeds.vendors import ITEMS, SHAPES, profile_of, right, sent


def test_every_shipped_profile_has_an_example() -> None:
    """A profile could be wrong for years."""
    assert {*map(profile_of, SHAPES)} - {""} == shipped().by_name.keys()


@pytest.mark.parametrize("name", SHAPES)
def test_an_item_of_the_vendor_is_read(name: str) -> None:
    """A feed's time, companies or source would be lost, or two of its articles taken for one."""
    (reading,) = read_record(sent(name), [])
    assert isinstance(reading, Reading), reading
    assert as_read(reading.article) == right(name)
    assert reading.article.headline == "Acme cuts outlook"


@pytest.mark.parametrize("name", SHAPES)
def test_the_vendor_is_recognised_by_its_fields(name: str) -> None:
    """The zone and the names of a feed would only count where a header says so."""
    item = ITEMS[name]
    body = item["content"] if name == "yfinance-content" else item
    assert shipped().lookup(body)[0] == shipped().by_name.get(profile_of(name), PLAIN)


def test_daylight_saving_counts() -> None:
    """Half of a year's news would be an hour off."""
    summer = {**ITEMS["fmp"], "publishedDate": "2026-07-03 03:15:00"}
    (reading,) = read_record(orjson.dumps(summer), [])
    assert isinstance(reading, Reading)
    assert reading.article.published == datetime(2026, 7, 3, 7, 15, tzinfo=UTC)


def test_an_item_that_names_no_source_has_that_of_its_feed() -> None:
    """Its id would be ignored, and each of its corrections taken for another article."""
    item = {**ITEMS["lseg"], "provider": "NS:RTRS"}
    (named,), (unnamed,) = read_record(orjson.dumps(item), []), read_record(sent("lseg"), [])
    assert isinstance(named, Reading)
    assert isinstance(unnamed, Reading)
    assert (named.article.key, unnamed.article.key) == (own("NS:RTRS", "n7"), own("LSEG", "n7"))


def test_an_own_profile_is_chosen_by_header_or_topic(tmp_path: Path) -> None:
    """A producer with names of its own would need code."""
    (tmp_path / "own.toml").write_text(
        'zone = "Asia/Tokyo"\nsource = "Own"\n[names]\nheadline = ["x.t"]\npublished = ["d"]\n'
    )
    value = orjson.dumps({"x": {"t": "Acme cuts outlook"}, "d": "2026-03-03 17:15"})
    by_header = load_profiles(tmp_path)
    (first,) = read_record(value, [("newsquake-profile", b"own")], by_header)
    (second,) = read_record(value, [], load_profiles(tmp_path, "own", "news.raw"), "news.raw")
    assert first == second
    assert isinstance(first, Reading)
    assert (first.article.published, first.article.source) == (MOMENT, "Own")
    (unknown,) = read_record(value, [("newsquake-profile", b"none")], by_header)
    assert isinstance(unknown, Refused)
    assert "names no profile" in str(unknown.refusal)


def test_an_own_headline_is_no_envelope_for_what_stands_beside_it(tmp_path: Path) -> None:
    """An article with names of its own would be taken for the wrapper of one of its fields."""
    (tmp_path / "own.toml").write_text(
        'shape = ["ttl", "dt"]\n[names]\nheadline = ["ttl"]\npublished = ["dt"]\n'
    )
    for beside in ({"content": {"html": "x"}}, {"items": [{"a": 1}]}, {"data": {"b": 2}}):
        item = {"ttl": "Acme cuts outlook", "dt": "2026-03-03T08:15:00Z", **beside}
        for value in (item, {"payload": item}, [item, item]):
            for reading in read_record(orjson.dumps(value), [], load_profiles(tmp_path)):
                assert isinstance(reading, Reading), (value, reading)
                assert reading.article.headline == "Acme cuts outlook"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x", "not TOML"),
        ('zone = "New York"', "no zone"),
        ('[names]\nheadlin = ["a"]', "no field"),
        ("zones = 1", "zones"),
    ],
)
def test_a_wrong_profile_names_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    """A typing error would be found by reading the code."""
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(UsageError, match=problem):
        load_profiles(tmp_path)
