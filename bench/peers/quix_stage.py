"""Run quixstreams, exactly once, one commit a second; arguments BOOTSTRAP GROUP TOPIC TOPIC….

Each topic is copied to the next one by a data frame of its own.
"""

import sys
from itertools import pairwise

from quixstreams import Application


def main(bootstrap: str, group: str, *topics: str) -> None:
    """Run until SIGTERM, which quixstreams handles itself."""
    app = Application(
        bootstrap,
        consumer_group=group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=1.0,
        auto_create_topics=False,
        loglevel="WARNING",
    )
    for source, sink in pairwise(topics):
        app.dataframe(app.topic(source, value_deserializer="bytes")).to_topic(
            app.topic(sink, value_serializer="bytes")
        )
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
