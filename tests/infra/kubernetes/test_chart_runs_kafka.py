"""What the pods of the chart run, run here: their arguments, environment, secrets and probes."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.infra.kubernetes.rendering import Object, of_kind, pods, render, variables

pytestmark = pytest.mark.kafka

_SCRIPT = str(Path(sys.executable).with_name("newsquake"))
_MOUNT = "/run/secrets/newsquake/"


def _free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _environment(objects: list[Object], pod: Object, folder: Path) -> dict[str, str]:
    """Return a pod's environment, with its secrets and its cache in ``folder``."""
    for key, value in of_kind(objects, "Secret")[""]["data"].items():
        (folder / key).write_bytes(base64.b64decode(value))
    own = {
        name: value.replace(_MOUNT, f"{folder}/").replace("/cache", str(folder))
        for name, value in variables(objects, pod).items()
    }
    others = {name: value for name, value in os.environ.items() if "NEWSQUAKE_" not in name}
    return {**others, **own}


def _wait(client: httpx.Client, container: Object, probe: str, ports: Mapping[str, int]) -> None:
    """Ask as the kubelet does, without a token, until the probe is answered with success."""
    request = container[probe]["httpGet"]
    address = f"http://127.0.0.1:{ports[request['port']]}{request['path']}"
    until = time.monotonic() + 120.0
    status = 0
    while time.monotonic() < until:
        try:
            status = client.get(address, headers={"Host": "10.0.0.7"}).status_code
        except httpx.HTTPError:
            status = 0
        if status == 200:
            return
        time.sleep(0.2)
    raise AssertionError(f"{probe} at {address} answers with {status}")


@contextmanager
def _running(
    arguments: list[str], environment: dict[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    with log.open("wb") as file:
        process = subprocess.Popen(
            [_SCRIPT, *arguments], env=environment, stdout=file, stderr=file, cwd=log.parent
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_pods_start_answer_their_probes_and_stop(kafka: str, prefix: str, tmp_path: Path) -> None:
    """Pods would be killed while they start, never be ready, or be killed while they stop."""
    settings: dict[str, Any] = {
        "kafka": {"bootstrap": kafka, "prefix": prefix, "partitions": 2, "replication": 1},
        "nlp": {"model": "lexicon"},
    }
    for table in ("serve", "dashboard"):
        settings[table] = {"port": _free_port()}
    values = {"settings": settings, "intake": {"enabled": True}}
    objects = render(values)

    job = pods(objects)["topics"]
    made = subprocess.run(
        [_SCRIPT, *job["containers"][0]["args"]],
        env=_environment(objects, job, tmp_path),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert f"created {prefix}news.raw" in made.stdout

    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=10))
        started = []
        for name in ("ingest", "intake", "dashboard"):
            settings["metrics"] = {"port": _free_port()}  # pods have an address each
            objects = render(values)
            pod = pods(objects)[name]
            (container,) = pod["containers"]
            environment = _environment(objects, pod, tmp_path)
            log = tmp_path / f"{name}.log"
            process = stack.enter_context(_running(container["args"], environment, log))
            ports = {port["name"]: port["containerPort"] for port in container["ports"]}
            started.append((name, container, ports, process, pod))
        for name, container, ports, _, _ in started:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                _wait(client, container, probe, ports)
            if name != "dashboard":
                answer = client.get(f"http://127.0.0.1:{ports['metrics']}/metrics")
                assert answer.status_code == 401
        for _, _, _, process, _ in started:
            process.send_signal(signal.SIGTERM)
        for name, _, _, process, pod in started:
            code = process.wait(pod["terminationGracePeriodSeconds"])
            assert code == 0, (name, (tmp_path / f"{name}.log").read_text("utf-8")[-2_000:])
