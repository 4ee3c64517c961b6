"""The doctor's lines for people: the same findings as those for programs."""

import json
import subprocess

from infra.kafka.port import free_ports
from tests.streams.conditions import SCRIPT, settings


def test_people_read_what_programs_read() -> None:
    """The remedy would be missing where most look for it, or the exit code say that all is well."""
    (port,) = free_ports(1)
    environment = settings(f"127.0.0.1:{port}")
    text, document = (
        subprocess.run(
            [SCRIPT, "doctor", "--no-model", *options], env=environment, capture_output=True,
            text=True, timeout=60, check=False,
        )
        for options in ([], ["--json"])
    )  # fmt: skip
    assert (text.returncode, document.returncode) == (1, 1)
    expected = [
        [
            line["status"],
            line["check"],
            f"{line['detail']} -> {line['remedy']}".removesuffix(" -> "),
        ]
        for line in json.loads(document.stdout)
    ]
    lines = text.stdout.splitlines()
    status, check = len("not checked"), max(len(name) for _, name, _ in expected)
    columns = [
        [
            line[:status].rstrip(),
            line[status + 2 : status + 2 + check].rstrip(),
            line[status + check + 4 :],
        ]
        for line in lines
    ]
    assert columns == expected
    (fault,) = [line for line in lines if line.startswith("fault")]
    assert f"no Kafka at 127.0.0.1:{port}" in fault
    assert " -> start it" in fault
    assert "\x1b" not in text.stdout
