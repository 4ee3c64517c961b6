"""Addresses of feeds, as people and logs see them, and odd headers of their servers."""

from datetime import UTC, datetime

import pytest

from agents.retry_after import retry_after
from infra.feeds.fetching import shown


@pytest.mark.parametrize(
    "address",
    [
        "https://me:canary-4711@feeds.example/rss",
        "https://feeds.example/rss?apikey=canary-4711&q=acme",
        "https://feeds.example/rss?q=acme&access_token=canary-4711#top",
        "https://canary-4711@feeds.example/rss",
    ],
)
def test_secrets_in_addresses_are_not_shown(address: str) -> None:
    """The key of a feed that one pays for would stand in every log line and metric."""
    assert "canary" not in shown(address)
    assert shown(address).startswith("https://feeds.example/rss")


@pytest.mark.parametrize(
    "text", ["\x1f2", "\xb9", "\u0663", "-1", "1e9", "soon", "", "Thu, 99 Jan 2026"]
)
def test_an_odd_retry_after_is_no_time(text: str) -> None:
    """A server's odd header would end the process that follows it, and all its other feeds."""
    assert retry_after(text, datetime(2026, 1, 1, tzinfo=UTC)) == 0.0
