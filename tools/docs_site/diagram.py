"""Diagrams of pages: their text is Mermaid's, and their pictures are drawn once, and committed.

Where the repository is read, its host draws them. The site shows the pictures, since Mermaid itself
is a script of three megabytes. The name of a picture has a hash of the text, so that a picture of
an earlier text is never shown. ``python -m tests.docs.draw_diagrams`` draws those that are missing.
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = Path("docs/images/diagrams")
"""Relative to the root of the repository."""
BLOCK: Final = re.compile(r"^```mermaid\n(.*?)^```", re.DOTALL | re.MULTILINE)


def picture(text: str) -> Path:
    """Return the path of a diagram's picture, relative to the root of the repository.

    >>> picture("flowchart LR")
    PosixPath('docs/images/diagrams/35bb4631.png')
    """
    digest = sha256(text.strip().encode()).hexdigest()
    return FOLDER / f"{digest[:8]}.png"
