"""What pages, image and error messages tell people to install is what pyproject.toml has."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS: dict[str, list[str]] = PROJECT["project"]["optional-dependencies"]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "bench/README.md"]
CODE = [
    *(ROOT / "nlp").rglob("*.py"),
    *(ROOT / "cli").rglob("*.py"),
    *(ROOT / "infra").rglob("*.py"),
]


def installed(requirements: list[str]) -> set[str]:
    """Return the requirements, with those of newsquake's own extras in their place."""
    names: set[str] = set()
    for requirement in requirements:
        own = re.fullmatch(r"newsquake\[([\w,]+)\]", requirement)
        extras = own[1].split(",") if own else []
        names |= {requirement} if not own else set()
        names |= installed([it for extra in extras for it in EXTRAS[extra]])
    return names


@pytest.mark.parametrize("files", [PAGES, CODE], ids=["pages", "code"])
def test_extras_that_are_named_exist(files: list[Path]) -> None:
    """A command that somebody copies would end in a warning, and install nothing."""
    named = {
        extra
        for file in files
        for found in re.findall(r"--extra ([a-z]+)|(?:newsquake|\.)\[([a-z,]+)\]", file.read_text())
        for extra in "".join(found).split(",")
    }
    assert named
    assert named <= set(EXTRAS)


def test_pip_installs_what_the_extra_has() -> None:
    """Whoever uses pip would get other versions than those that were tested, or lack a library."""
    page = (ROOT / "docs/models.md").read_text("utf-8")
    block = page.partition("**Installing without PyTorch.**")[2].partition("```sh\n")[2]
    lines = block.partition("```")[0]
    assert set(re.findall(r"[\w-]+[>=]=[^\s\"]+", lines)) == installed(["newsquake[cpu]"])


def test_a_checkout_and_the_image_leave_pytorch_out() -> None:
    """``make demo`` and ``docker compose up`` would download three gigabytes."""
    groups = PROJECT["tool"]["uv"]["default-groups"]
    checkout = [it for group in groups for it in PROJECT["dependency-groups"][group]]
    image = re.search(r'ARG EXTRAS="([\w ]+)"', (ROOT / "infra/docker/Dockerfile").read_text())
    compose = re.search(r"EXTRAS: \$\{EXTRAS-([\w ]+)\}", (ROOT / "docker-compose.yml").read_text())
    assert image
    assert compose
    assert image[1] == compose[1]
    extras = image[1].replace(" ", ",")
    for requirements in (checkout, [f"newsquake[{extras}]"]):
        names = {re.split(r"[^\w-]", it)[0] for it in installed(requirements)}
        assert "openvino" in names
        assert not {"torch", "transformers", "sentence-transformers"} & names
    assert "sentence-transformers" in PROJECT["tool"]["uv"]["exclude-dependencies"]
