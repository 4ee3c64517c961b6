"""Log in with a token and read the answer, which aiokafka takes for consent whatever it says.

A broker that refuses a token answers with JSON and no error code, and waits for the client to give
up (RFC 7628, section 3.2.3). aiokafka goes on with its first request, and the broker ends the
connection: it looks like one that is away. So whoever looks for the cause logs in here.
"""

import base64
from datetime import UTC, datetime

import orjson
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import NoError, SaslAuthenticationFailed, for_code
from aiokafka.protocol.admin import SaslAuthenticateRequest, SaslHandShakeRequest

from streams.kafka.cluster import Cluster
from streams.security.tls import tls_context
from streams.security.tokens import tokens_for

_MAX_CHARACTERS = 200
"""Characters of a broker's words that are told."""


async def log_in(cluster: Cluster, host: str, port: int) -> AIOKafkaConnection:
    """Return a connection that is logged in with a token.

    Raises:
        KafkaError: There is no broker, or it refuses the mechanism or the token
            (`SaslAuthenticationFailed`); the text has its words, and when the token expires.
        OSError: There is no broker.
    """
    connection = await create_conn(
        host,
        port,
        security_protocol="SSL" if cluster.security == "SASL_SSL" else "PLAINTEXT",
        ssl_context=tls_context(cluster),
    )
    try:
        handshake = await connection.send(SaslHandShakeRequest(cluster.sasl_mechanism))
        _raise(handshake.error_code, f"it offers {', '.join(handshake.enabled_mechanisms)}")
        token = await tokens_for(cluster).token()
        login = f"n,,\x01auth=Bearer {token}\x01\x01".encode()
        answer = await connection.send(SaslAuthenticateRequest(login))
        _raise(answer.error_code, str(answer.error_message))
        if refusal := answer.sasl_auth_bytes:
            _raise(SaslAuthenticationFailed.errno, _words(refusal) + _expiry(token))
    except BaseException:
        connection.close()
        raise
    return connection


def _raise(code: int, words: str) -> None:
    error = for_code(code)
    if error is not NoError:
        raise error(words[:_MAX_CHARACTERS])


def _words(answer: bytes) -> str:
    """Return what the broker says of the token, such as ``invalid_token``."""
    try:
        return str(orjson.loads(answer)["status"])[:_MAX_CHARACTERS]
    except (ValueError, KeyError, TypeError):
        return "the broker does not say why"


def _expiry(token: str) -> str:
    """Return when a token expires, in words; empty if it is none that tells (RFC 7519).

    >>> _expiry("x.eyJleHAiOjB9.")
    ', it expired at 1970-01-01T00:00:00+00:00'
    >>> _expiry("opaque"), _expiry("x.e30."), _expiry("x.W10.")
    ('', '', '')
    """
    try:
        content = token.split(".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(content + "=" * 3))
        moment = datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (ValueError, LookupError, TypeError, OverflowError, OSError):
        return ""
    is_over = moment < datetime.now(UTC)
    return f", it {'expired' if is_over else 'expires'} at {moment.isoformat()}"
