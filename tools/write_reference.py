"""Write docs/reference from the code: ``python -m tools.write_reference``.

The pages are committed, since the repository is read without the site, and a test compares them
with the code.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tools.reference.commands import commands_page
from tools.reference.http import http_page
from tools.reference.metrics import metrics_page
from tools.reference.records import records_page
from tools.reference.settings import settings_page

FOLDER: Final = Path(__file__).parents[1] / "docs/reference"
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "metrics.md": metrics_page,
    "records.md": records_page,
    "http.md": http_page,
}


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in PAGES.items():
        (FOLDER / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
