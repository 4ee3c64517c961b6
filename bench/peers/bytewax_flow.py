"""Run bytewax, at least once; arguments BOOTSTRAP GROUP TOPIC TOPIC….

Each topic is copied to the next one by a step of its own. bytewax keeps its positions in a
recovery store, a folder of SQLite files, ten seconds apart by default, and neither commits offsets
to Kafka nor writes transactions. The group is not used: a flow reads all partitions that it finds.
"""

import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main

_RECOVERY_PARTITIONS = 1
_EPOCH = timedelta(seconds=10)


def main(bootstrap: str, _group: str, *topics: str) -> None:
    """Run until SIGTERM, in a folder that may be filled."""
    flow = Dataflow("pass_through")
    for number, (source, sink) in enumerate(pairwise(topics)):
        _copy(flow, number, bootstrap, source, sink)
    recovery = Path("recovery")
    recovery.mkdir()
    init_db_dir(recovery, _RECOVERY_PARTITIONS)  # type: ignore[no-untyped-call]
    recovery_config = RecoveryConfig(recovery)  # type: ignore[no-untyped-call]
    cli_main(flow, recovery_config=recovery_config, epoch_interval=_EPOCH)  # type: ignore[no-untyped-call]


def _copy(flow: Dataflow, number: int, bootstrap: str, source: str, sink: str) -> None:
    settings = {"isolation.level": "read_committed"}
    read = kop.input(
        f"read_{number}", flow, brokers=[bootstrap], topics=[source], add_config=settings
    )
    op.inspect(f"errors_{number}", read.errs).then(op.raises, f"raise_{number}")
    messages = op.map(
        f"copy_{number}", read.oks, lambda message: KafkaSinkMessage(message.key, message.value)
    )
    kop.output(f"write_{number}", messages, brokers=[bootstrap], topic=sink)


if __name__ == "__main__":
    main(*sys.argv[1:])
