"""Paths into an item's object: `headlines[].value`."""

from pydantic import JsonValue


def at_path(body: JsonValue, path: str) -> JsonValue:
    """Return the value at a path such as ``headlines[].value``; a list where it passes lists."""
    node = body
    steps = path.split(".")
    for index, step in enumerate(steps):
        name = step.removesuffix("[]")
        if not isinstance(node, dict):
            return None
        node = node.get(name)
        if isinstance(node, list) and index + 1 < len(steps):
            rest = ".".join(steps[index + 1 :])
            values = [at_path(entry, rest) for entry in node]
            return [value for value in values if value is not None]
    return node
