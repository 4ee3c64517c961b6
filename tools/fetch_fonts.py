"""Fetch the dashboard's fonts again, from the npm registry, and check them.

Run it from the root of the repository: ``python tools/fetch_fonts.py``. It needs npm.
"""

import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

FOLDER: Final = Path("dashboard/assets/fonts")
VERSION: Final = "5.3.0"
SUMS: Final = {
    "ibm-plex-mono-latin-400-normal.woff2": (
        "08949f728dc52d528e69b1667d15c89a5686a4ee9a296ff90983985f99c380f7"
    ),
    "ibm-plex-mono-latin-500-normal.woff2": (
        "01d285447409c8a588692162439a038b8cbd7871309ee20267b0d2d91c6e8e22"
    ),
    "ibm-plex-sans-condensed-latin-400-normal.woff2": (
        "456bf5cda9c0b1f1ead43f01b80df5ba5af7cb41d7cbc0543091537c39fb4c89"
    ),
    "ibm-plex-sans-condensed-latin-600-normal.woff2": (
        "3d72a0923c5830358b0a8e25b258aecadbecbf542b6ee9a25f387803e37d56b9"
    ),
}
"""Each file and its SHA-256."""


def fetch(folder: Path) -> None:
    """Put the fonts into ``folder``.

    Raises:
        SystemExit: A file is not the one that was chosen.
    """
    for name, expected in SUMS.items():
        package = f"@fontsource/{name.partition('-latin-')[0]}@{VERSION}"
        with TemporaryDirectory() as directory:
            command = ["npm", "pack", "--silent", "--pack-destination", directory, package]
            packed = subprocess.run(  # noqa: S603 - names and versions are above
                command, check=True, capture_output=True, text=True
            )
            with tarfile.open(Path(directory) / packed.stdout.split()[-1]) as archive:
                member = archive.extractfile(f"package/files/{name}")
                content = member.read() if member else b""
        if sha256(content).hexdigest() != expected:
            sys.exit(f"{name} of {package} is not the file that was chosen: look at it first")
        (folder / name).write_bytes(content)


if __name__ == "__main__":
    fetch(FOLDER)
