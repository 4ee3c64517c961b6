"""Schemas of the objects that the chart makes.

Those of Kubernetes itself are in the package kubernetes-validate, for each release. Those of the
resources of KEDA, Strimzi and Prometheus' operator no package has: `custom_resources.json` says,
strictly, what the chart may use of them. ``python -m tests.infra.kubernetes.upstream FOLDER``
compares the chart with their own definitions.
"""

from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

RELEASES: Final = ("1.30", "1.37")
"""The first release that the chart allows, and the last that the package knows."""
_CUSTOM: Final = Path(__file__).with_name("custom_resources.json")


def faults(thing: dict[str, Any], release: str) -> Iterator[str]:
    """Yield a line for each fault of an object; unknown fields are faults."""
    api, kind = thing["apiVersion"], thing["kind"]
    for error in _validator(release, api, kind).iter_errors(thing):
        yield f"{kind} {thing['metadata']['name']}: {error.json_path}: {error.message[:300]}"


@cache
def _validator(release: str, api: str, kind: str) -> Draft202012Validator:
    custom = orjson.loads(_CUSTOM.read_bytes())
    if definition := custom["kinds"].get(f"{api}/{kind}"):
        return Draft202012Validator({**definition, "$defs": custom["$defs"]})
    group, _, version = api.rpartition("/")
    name = f"{kind}-{group.partition('.')[0]}-{version}" if group else f"{kind}-{version}"
    folder = _folder(release)
    schema = Resource.from_contents(orjson.loads((folder / f"{name.lower()}.json").read_bytes()))
    return Draft202012Validator(schema.contents, registry=schema @ _definitions(release))


@cache
def _definitions(release: str) -> Registry[Any]:
    content = orjson.loads((_folder(release) / "_definitions.json").read_bytes())
    return Resource.from_contents(content) @ Registry()


def _folder(release: str) -> Path:
    package = distribution("kubernetes-validate")
    base = Path(str(package.locate_file("kubernetes_validate/kubernetes-json-schema")))
    return base / f"v{release}.0-local-strict"
