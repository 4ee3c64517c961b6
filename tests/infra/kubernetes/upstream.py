"""Hold the chart to the operators' definitions: ``python -m tests.infra.kubernetes.upstream DIR``.

DIR is a folder with CustomResourceDefinitions in YAML, such as a cluster prints:
``kubectl get crd kafkatopics.kafka.strimzi.io --output yaml``. Unknown fields are faults.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.infra.kubernetes.rendering import EXAMPLES, render


def definitions(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the schema of each version of each kind in a folder, by its API version and kind."""
    found = {}
    for file in sorted(folder.glob("*.yaml")):
        spec = yaml.safe_load(file.read_text("utf-8"))["spec"]
        for version in spec["versions"]:
            schema = version["schema"]["openAPIV3Schema"]
            schema["properties"] |= {"metadata": {}}
            close(schema)
            found[f"{spec['group']}/{version['name']}/{spec['names']['kind']}"] = schema
    return found


def close(schema: Any) -> None:
    """Forbid, in a schema and all those in it, fields that it does not name."""
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
        for part in list(schema.values()):
            close(part)
    elif isinstance(schema, list):
        for part in schema:
            close(part)


def compared(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each object of the chart that a definition exists for, and its faults."""
    kinds = definitions(folder)
    for example in EXAMPLES:
        for thing in render({}, example):
            if schema := kinds.get(f"{thing['apiVersion']}/{thing['kind']}"):
                errors = Draft202012Validator(schema).iter_errors(thing)
                name = f"{example}: {thing['kind']} {thing['metadata']['name']}"
                yield name, [f"{error.json_path}: {error.message[:200]}" for error in errors]


if __name__ == "__main__":
    results = list(compared(Path(sys.argv[1])))
    wrong = [f"{name}: {problem}" for name, problems in results for problem in problems]
    sys.stdout.write("\n".join([*wrong, f"{len(results)} objects, {len(wrong)} faults"]) + "\n")
    sys.exit(bool(wrong) or not results)
