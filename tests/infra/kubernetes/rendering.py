"""The chart as Helm renders it."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml

from tools.helm import helm

CHART = Path(__file__).parents[3] / "infra/kubernetes"
EXAMPLES = sorted(path.stem for path in (CHART / "examples").glob("*.yaml"))
"""The value files beside the chart, by name."""

Object = dict[str, Any]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The fast one, where it is built."""


def template(
    values: Mapping[str, Any] | None = None, examples: Sequence[str] = (), *, notes: bool = False
) -> "subprocess.CompletedProcess[str]":
    """Run Helm on the chart, as release ``nq`` in namespace ``news``."""
    files = [f"--values={CHART / 'examples' / name}.yaml" for name in examples]
    command = [str(helm(os.environ)), "template", "nq", str(CHART), "--namespace=news", *files]
    if notes:
        command = [command[0], "install", *command[2:], "--dry-run=client"]
    return subprocess.run(
        [*command, "--values=-"],
        input=orjson.dumps(values or {}).decode(),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def render(values: Mapping[str, Any] | None = None, *examples: str) -> list[Object]:
    """Return all objects of the chart with these values."""
    objects: list[Object] = orjson.loads(_rendered(orjson.dumps(values or {}), examples))
    return objects


@cache
def _rendered(values: bytes, examples: tuple[str, ...]) -> bytes:
    done = template(orjson.loads(values), examples)
    assert done.returncode == 0, done.stderr
    documents = yaml.load_all(done.stdout, _Loader)
    return orjson.dumps([document for document in documents if document])


def refusal(values: Mapping[str, Any], *examples: str) -> str:
    """Return what Helm says of values that are wrong."""
    done = template(values, examples)
    assert done.returncode != 0, done.stdout[:500]
    return done.stderr


def of_kind(objects: Sequence[Object], kind: str) -> dict[str, Object]:
    """Return the objects of a kind, by the part of the name that follows the release's."""
    return {
        thing["metadata"]["name"].removeprefix("nq-newsquake").removeprefix("-"): thing
        for thing in objects
        if thing["kind"] == kind
    }


def pods(objects: Sequence[Object]) -> dict[str, Object]:
    """Return the pod specification of each workload, the Job too, by name."""
    jobs = {name.rpartition("-")[0]: job for name, job in of_kind(objects, "Job").items()}
    workloads = of_kind(objects, "Deployment") | jobs
    return {name: workload["spec"]["template"]["spec"] for name, workload in workloads.items()}


def variables(objects: Sequence[Object], pod: Object) -> dict[str, str]:
    """Return the environment of a pod's container, as the kubelet puts it together."""
    (container,) = pod["containers"]
    shared = of_kind(objects, "ConfigMap")[""]["data"]
    return {**shared, **{entry["name"]: entry["value"] for entry in container["env"]}}
