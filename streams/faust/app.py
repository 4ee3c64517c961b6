"""The Faust app of a stage: one consumer group, set up for transactions of our own.

`infra.logging` silences the logger of this module: mode logs a service's start and stop under the
module of its class.
"""

from typing import Any

import faust

from streams.core.settings import StreamSettings
from streams.core.stage import AnyStage
from streams.kafka.cluster import Cluster
from streams.security.tls import tls_context
from streams.security.tokens import tokens_for

_COMMIT_INTERVAL_SECONDS = 10.0**7
"""Faust's commits do nothing. Its livelock detector waits for them too, so there shall be none."""
_REQUEST_TIMEOUT_SECONDS = 90.0
_HEARTBEAT_SECONDS = 0.5
"""A member learns by the answer to a heartbeat that another one died, and takes over its work."""
_MAX_BUFFERED_CHUNKS = 2
"""Chunks that Faust holds before they are queued for the pump; bounds memory."""


class App(faust.App):
    """A Faust app that leaves no directories behind."""

    def _create_directories(self) -> None:
        pass


def create_app(stage: AnyStage, cluster: Cluster, settings: StreamSettings) -> App:
    """Return the Faust app of ``stage``, not started."""
    credentials: Any = tls_context(cluster)
    if cluster.uses_tokens:
        credentials = faust.OAuthCredentials(
            oauth_cb=tokens_for(cluster), ssl_context=tls_context(cluster)
        )
    elif cluster.security.startswith("SASL"):
        credentials = faust.SASLCredentials(
            username=cluster.username,
            password=cluster.password.get_secret_value(),
            mechanism=cluster.sasl_mechanism,
            ssl_context=tls_context(cluster),
        )
    return App(
        stage.group,
        env={},  # Faust would let os.environ beat these arguments
        broker=[f"kafka://{address}" for address in cluster.bootstrap.split(",")],
        broker_credentials=credentials,
        store="memory://",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        consumer_group_instance_id=settings.instance_id or None,
        broker_commit_interval=_COMMIT_INTERVAL_SECONDS,
        broker_session_timeout=settings.session_timeout,
        broker_heartbeat_interval=_HEARTBEAT_SECONDS,
        broker_request_timeout=max(_REQUEST_TIMEOUT_SECONDS, settings.session_timeout + 1),
        broker_max_poll_records=settings.chunk_size,
        stream_buffer_maxsize=_MAX_BUFFERED_CHUNKS,
    )
