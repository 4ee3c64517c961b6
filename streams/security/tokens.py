"""Tokens for SASL OAUTHBEARER (RFC 7628), from a file or from the program of another package.

A managed cluster gives tokens that live for minutes. The file is read anew for every connection,
so whoever keeps it fresh (a sidecar, Kubernetes for a projected service account) need tell nobody.
A package declares a provider as an entry point of the group ``newsquake.kafka_tokens``, and the
setting ``kafka.token_provider`` names it::

    [project.entry-points."newsquake.kafka_tokens"]
    acme = "acme_cloud.tokens:provider"

where ``provider(cluster: streams.kafka.cluster.Cluster)`` returns a function without arguments that
returns a token which has not expired. It is called in a thread, for every connection; it keeps the
token for as long as it lives.
"""

import asyncio
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

from aiokafka.abc import AbstractTokenProvider
from aiokafka.errors import KafkaConnectionError

from streams.core.errors import Misconfigured
from streams.kafka.cluster import Cluster

GROUP: Final = "newsquake.kafka_tokens"
MAX_TOKEN_BYTES: Final = 64 << 10
"""Bytes of a file with a token; tokens that name many groups have several thousand."""
_TOKEN_SECONDS: Final = 10.0
"""The time in which a provider must return; a client waits for it before it can say anything."""

Provide = Callable[[], str]


class NoToken(KafkaConnectionError):  # type: ignore[misc] # it has no types
    """There is no token now. Clients go on trying, as for a broker that is away."""


class Tokens(AbstractTokenProvider):  # type: ignore[misc] # it has no types
    """Tokens for aiokafka, each asked of ``provide`` when a connection is made."""

    def __init__(self, provide: Provide, origin: str) -> None:
        self._provide = provide
        self._origin = origin

    async def token(self) -> str:
        """Return a token.

        Raises:
            NoToken: There is none; the text says where it should come from, and quotes nothing.
        """
        try:
            async with asyncio.timeout(_TOKEN_SECONDS):
                token: object = await asyncio.to_thread(self._provide)
        except TimeoutError:
            raise NoToken(f"{self._origin} gave none within {_TOKEN_SECONDS:g} s") from None
        except Exception as error:
            raise NoToken(f"{self._origin} failed: {type(error).__name__}: {error}") from error
        # What is no token (RFC 6750) could end the line of the login and begin another.
        if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
            raise NoToken(f"{self._origin} gave something that is no token")
        return token


def tokens_for(cluster: Cluster) -> Tokens:
    """Return the tokens that the settings name.

    Raises:
        Misconfigured: They name none or two, or what they name can't be used.
    """
    if bool(cluster.token_file) == bool(cluster.token_provider):
        raise Misconfigured(
            "OAUTHBEARER needs tokens: set NEWSQUAKE_KAFKA__TOKEN_FILE or "
            "NEWSQUAKE_KAFKA__TOKEN_PROVIDER, and not both"
        )
    if cluster.token_file:
        return Tokens(lambda: read_token(Path(cluster.token_file)), cluster.token_file)
    return _from_package(cluster)


def read_token(file: Path) -> str:
    """Return the token in ``file``, without white space around it.

    Raises:
        ValueError: It is empty, too large or no text; nothing of it is quoted.
        OSError: It can't be read.
    """
    with file.open("rb") as stream:
        content = stream.read(MAX_TOKEN_BYTES + 1)
    if len(content) > MAX_TOKEN_BYTES or not content.strip() or not content.isascii():
        raise ValueError("it holds no token")
    return content.decode("ascii").strip()


def _from_package(cluster: Cluster) -> Tokens:
    """Return the tokens of the one package that has the provider."""
    name, origin = cluster.token_provider, f"the token provider {cluster.token_provider}"
    points = {point.value: point for point in entry_points(group=GROUP, name=name)}
    if len(points) != 1:
        others = ", ".join(sorted({point.name for point in entry_points(group=GROUP)})) or "none"
        raise Misconfigured(
            f"NEWSQUAKE_KAFKA__TOKEN_PROVIDER: {len(points)} packages have a provider {name}: "
            f"install one that does; those that are installed have {others}"
        )
    (point,) = points.values()
    try:
        provide: Provide = point.load()(cluster)
    except Exception as error:
        raise Misconfigured(
            f"{origin} ({point.value}) failed: {type(error).__name__}: {error}"
        ) from error
    if not callable(provide):
        raise Misconfigured(f"{origin} ({point.value}) returned no function that gives tokens")
    return Tokens(provide, origin)
