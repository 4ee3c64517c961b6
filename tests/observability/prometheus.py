"""A real Prometheus: the one on this machine, or Debian's, unpacked and not installed."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from infra.kafka.port import free_ports
from tests.debian import debian_program
from tests.observability.files import CONFIG

SECONDS = 60.0


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run promtool to its end."""
    program = debian_program("prometheus", ("promtool",))
    return subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )


class Prometheus:
    """A server that runs."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer of the API."""
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - a server of this test
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def query(self, expression: str) -> list[Any]:
        """Return the samples of an expression now."""
        data = self.get("query", query=expression)
        result: list[Any] = data["result"]
        return result if data["resultType"] == "vector" else [result]


@contextmanager
def running(folder: Path, ports: Sequence[int], token: str) -> Iterator[Prometheus]:
    """Run Prometheus with our files; only what it scrapes, and how often, differs."""
    config = yaml.safe_load(CONFIG.read_text("utf-8"))
    (job,) = config["scrape_configs"]
    secret = folder / "metrics-token"
    secret.write_text(token)
    del job["dns_sd_configs"]
    job["authorization"] = {"credentials_file": str(secret)}
    job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(CONFIG.parent / name) for name in config["rule_files"]]
    del config["alerting"]
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(config))
    (port,) = free_ports(1)
    program, log = debian_program("prometheus", ("prometheus",)), folder / "prometheus.log"
    command = [
        str(program), f"--config.file={file}", f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=folder)
    try:
        yield _ready(Prometheus(f"http://127.0.0.1:{port}"), process, log)
    finally:
        process.terminate()
        process.wait(20)


def _ready(server: Prometheus, process: "subprocess.Popen[bytes]", log: Path) -> Prometheus:
    deadline = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < deadline, log.read_text("utf-8")
        try:
            urllib.request.urlopen(f"{server.url}/-/ready", timeout=5).close()  # noqa: S310 - as above
        except OSError:
            time.sleep(0.1)
        else:
            return server
