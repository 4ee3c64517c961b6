"""Run plain Faust, at least once; arguments BOOTSTRAP SOURCE SINK GROUP."""

import sys

import faust


def main(bootstrap: str, source: str, sink: str, group: str) -> None:
    """Run until SIGTERM, which Faust's worker handles itself."""
    app = faust.App(
        group,
        broker=f"kafka://{bootstrap}",
        consumer_auto_offset_reset="earliest",
        topic_disable_leader=True,
        web_enabled=False,
        store="memory://",
        autodiscover=False,
        env={},  # Faust's own reading of the environment would override these arguments
    )
    source_topic, sink_topic = (
        app.topic(
            name,
            key_type=bytes,
            value_type=bytes,
            key_serializer="raw",
            value_serializer="raw",
        )
        for name in (source, sink)
    )

    @app.agent(source_topic)
    async def pass_on(stream: faust.StreamT[bytes]) -> None:
        async for event in stream.events():
            await sink_topic.send(key=event.key, value=event.value)

    app.Worker(loglevel="warning").execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
