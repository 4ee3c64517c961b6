"""Addresses of feeds, as people and logs see them."""

import pytest

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
