"""Find the request that a client waits for: a connection may be dead, and no fault visible."""

import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from streams.monitoring.guarded_connections import GuardedConnections

_USUAL_SECONDS: Final = 2.0
"""A broker may take so long for an answer."""


def unanswered(connections: "GuardedConnections") -> str:
    """Return the request without an answer that a client waits for longest.

    Empty if there is none. The text names the broker, the time and the remedy.
    """
    longest = min(connections.unanswered(), default=None, key=lambda wait: wait.since)
    if longest is None or (seconds := time.monotonic() - longest.since) < _USUAL_SECONDS:
        return ""
    node, connection = longest.node, longest.connection
    request = type(longest.request).__name__.partition("Request")[0]
    return (
        f"a request ({request}) to broker {node} at {connection.host}:{connection.port} has no "
        f"answer for {seconds:.0f} s, though the broker answers over new connections: a firewall, "
        "proxy or balancer in between dropped that connection in silence, or the broker is slow. "
        "It is asked again over a new connection; if this comes back, raise the idle time-out of "
        "what lies in between"
    )
