"""Run plain Faust; arguments BOOTSTRAP GROUP TOPIC TOPIC….

Each topic is copied to the next one by an agent of its own. The environment variable
``FAUST_GUARANTEE`` names Faust's processing guarantee, ``at_least_once`` or ``exactly_once``, which
are Faust's own transactions.
"""

import os
import sys
from itertools import pairwise
from typing import Any

import faust


def main(bootstrap: str, group: str, *topics: str) -> None:
    """Run until SIGTERM, which Faust's worker handles itself."""
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        consumer_auto_offset_reset="earliest",
        processing_guarantee=os.environ.get("FAUST_GUARANTEE", "at_least_once"),
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
        autodiscover=False,
        env={},  # Faust's own reading of the environment would override these arguments
    )
    for source, sink in pairwise([_topic(app, name) for name in topics]):
        _copy(app, source, sink)
    app.Worker(loglevel="warning").execute_from_commandline()


def _topic(app: faust.App, name: str) -> Any:
    raw: dict[str, Any] = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw"}
    return app.topic(name, value_serializer="raw", **raw)


def _copy(app: faust.App, source: Any, sink: Any) -> None:
    @app.agent(source, name=f"copy to {sink.get_topic_name()}")
    async def copy(stream: faust.StreamT[bytes]) -> None:
        async for event in stream.events():
            await sink.send(key=event.key, value=event.value)


if __name__ == "__main__":
    main(*sys.argv[1:])
