"""Faust as it comes, at least once: BOOTSTRAP SOURCE SINK GROUP."""

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
        env={},  # Faust reads the environment, and it beats what is said here
    )
    raw = {
        "key_type": bytes,
        "value_type": bytes,
        "key_serializer": "raw",
        "value_serializer": "raw",
    }
    target = app.topic(sink, **raw)

    @app.agent(app.topic(source, **raw))
    async def pass_on(stream: faust.Stream) -> None:
        async for event in stream.events():
            await target.send(key=event.key, value=event.value)

    app.Worker(loglevel="warning").execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
