"""A topic with settings that the pipeline can't work with, seen from the command line."""

from collections.abc import Callable, Mapping
from subprocess import CompletedProcess

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

Run = Callable[..., CompletedProcess[str]]

pytestmark = pytest.mark.kafka


async def alter(kafka: str, topic: str, settings: Mapping[str, str]) -> None:
    """Change settings of a topic, as an operator does; the others go back to the defaults."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, dict(settings))])
    await admin.close()


async def test_a_setting_that_would_stop_the_worker_again_and_again_is_named_at_its_start(
    newsquake: Run, kafka: str, prefix: str
) -> None:
    """A large dead letter would end each worker, and its line would name no setting."""
    assert newsquake("topics", "create").returncode == 0
    topic = f"{prefix}news.dead"
    await alter(kafka, f"{prefix}alerts", {"max.message.bytes": "2097152", "retention.ms": "1000"})
    warned = newsquake("topics", "create")
    assert warned.returncode == 0
    assert f"topic {prefix}alerts: retention.ms is 1000, not" in warned.stderr
    await alter(kafka, topic, {"max.message.bytes": "1000000"})
    for command in (("topics", "create"), ("worker",)):
        result = newsquake(*command)
        assert result.returncode == 1, result.stderr
        assert "max.message.bytes is 1000000, not 5242880" in result.stderr
        assert f"--entity-name {topic} --add-config" in result.stderr
        assert "Traceback" not in result.stderr
