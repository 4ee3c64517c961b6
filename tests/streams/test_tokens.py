"""Tokens from files and from other packages, without a broker."""

import asyncio
from pathlib import Path

import pytest

from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster
from streams.kafka.connection import client_options
from streams.security.tokens import MAX_TOKEN_BYTES, NoToken, Tokens, tokens_for

CLUSTER = Cluster(security="SASL_SSL", sasl_mechanism="OAUTHBEARER")


def ask(tokens: Tokens) -> str:
    """Return a token, as a client gets it that connects."""
    return asyncio.run(tokens.token())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a token, as a sidecar writes it."""
    path = tmp_path / "token"
    path.write_text("first\n")
    return path


def test_a_token_that_was_renewed_is_used_for_the_next_connection(file: Path) -> None:
    """A worker would be locked out when its first token expires, an hour after its start."""
    tokens = tokens_for(CLUSTER.model_copy(update={"token_file": str(file)}))
    assert ask(tokens) == "first"
    file.write_text("second\n")
    assert ask(tokens) == "second"


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xff\xfe", b"x" * (MAX_TOKEN_BYTES + 1), b"a\x01b"]
)
def test_what_is_no_token_is_not_sent_and_not_quoted(file: Path, content: bytes) -> None:
    """A file that was named by mistake would go to the broker, or end the line of the login."""
    file.write_bytes(content)
    tokens = tokens_for(CLUSTER.model_copy(update={"token_file": str(file)}))
    with pytest.raises(NoToken) as caught:
        ask(tokens)
    assert str(file) in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_provider_that_fails_is_tried_again_like_a_broker_that_is_away() -> None:
    """A worker would end because the issuer of tokens was away for a second."""
    answers = [OSError("no route"), "token"]

    def provide() -> str:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return str(answer)

    tokens = Tokens(provide, "the token provider acme")
    with pytest.raises(NoToken, match="acme failed: OSError: no route"):
        ask(tokens)
    assert ask(tokens) == "token"


def test_tokens_are_needed_and_come_from_one_place(file: Path) -> None:
    """Clients would log in with an empty token, or with one of two that nobody knows."""
    both = {"token_file": str(file), "token_provider": "acme"}
    for update in ({}, both):
        with pytest.raises(Misconfigured, match="and not both"):
            client_options(CLUSTER.model_copy(update=update))


def test_a_provider_that_no_package_has_is_named() -> None:
    """A worker would go on trying for ever, because a package was left out of the image."""
    with pytest.raises(Misconfigured, match="0 packages have a provider nobody"):
        client_options(CLUSTER.model_copy(update={"token_provider": "nobody"}))
