"""Find the request that a client waits for: a connection may be dead, and no fault visible."""

import time
from typing import Any, Final

_USUAL_SECONDS: Final = 2.0
"""A broker may take so long for an answer."""


def unanswered(client: Any) -> str:
    """Return the request without an answer that an aiokafka ``client`` waits for longest.

    Empty if there is none. The text names the broker, the time and the remedy.
    """
    now = time.monotonic()
    waiting = [
        (now - connection._last_action, node, connection)  # noqa: SLF001 - there is no public way
        for (node, _), connection in list(client._conns.items())  # noqa: SLF001 - as above
        if connection._requests  # noqa: SLF001 - as above
    ]
    if not waiting:
        return ""
    seconds, node, connection = max(waiting, key=lambda entry: entry[0])
    if seconds < _USUAL_SECONDS:
        return ""
    request = type(connection._requests[0][1]).__name__.partition("Request")[0]  # noqa: SLF001 - as above
    return (
        f"a request ({request}) to broker {node} at {connection.host}:{connection.port} has no "
        f"answer for {seconds:.0f} s, though the broker answers over new connections: a firewall, "
        "proxy or balancer in between dropped that connection in silence, or the broker is slow. "
        "It is asked again over a new connection; if this comes back, raise the idle time-out of "
        "what lies in between"
    )
