"""Draw the diagrams of the pages: ``python -m tests.docs.draw_diagrams``.

It needs npm, which fetches Mermaid, and a Chromium (`make browser`). It draws those that have no
picture, and removes pictures of texts that no page has any more.
"""

import asyncio
import subprocess
import tarfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from PIL import Image

from tests.dashboard.chromium import chromium
from tests.dashboard.pictures import picture as picture_of
from tools.docs_site.diagram import BLOCK, FOLDER, picture

ROOT: Final = Path(__file__).parents[2]
VERSION: Final = "11.17.2"
SHA256: Final = "581ed7d74bd9048d0e3a91363927d72ef22942d7722546b27f7cc29e35390eb8"
"""Of the script that draws."""
_WIDTH: Final = 2400
_OPTIONS: Final = (
    "{startOnLoad: false, htmlLabels: false, flowchart: {htmlLabels: false, wrappingWidth: 400},"
    " themeVariables: {fontFamily: 'sans-serif'}}"
)


def diagrams() -> Iterator[str]:
    """Yield the text of each diagram of the pages."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        yield from BLOCK.findall(page.read_text("utf-8"))


def script() -> str:
    """Return the script of Mermaid, from the npm registry.

    Raises:
        SystemExit: It is not the one that was chosen.
    """
    with TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--pack-destination", folder, f"mermaid@{VERSION}"]
        packed = subprocess.run(command, check=True, capture_output=True, text=True)
        with tarfile.open(Path(folder) / packed.stdout.split()[-1]) as archive:
            member = archive.extractfile("package/dist/mermaid.min.js")
            content = member.read() if member else b""
    if sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"mermaid {VERSION} is not the one that was chosen: look at it first")
    return content.decode()


async def draw(texts: dict[Path, str], mermaid: str) -> None:
    """Write the picture of each text."""
    with TemporaryDirectory() as folder:
        async with chromium(Path(folder)) as browser, browser.page(width=_WIDTH) as page:
            await page.evaluate(f"{mermaid}; mermaid.initialize({_OPTIONS}); 0")
            for file, text in texts.items():
                height = await page.evaluate(
                    f"mermaid.render('drawn', {text!r}).then(({{svg}}) => {{"
                    "document.body.innerHTML = svg; const drawn = document.querySelector('svg');"
                    "const box = drawn.viewBox.baseVal; drawn.style.width = `${box.width}px`;"
                    "return Math.ceil(box.height)})"
                )
                image = await picture_of(page, clip="svg", height=height + 40)
                image.quantize(64, dither=Image.Dither.NONE).save(ROOT / file, optimize=True)


def main() -> None:
    """Draw what is missing, and remove what is no longer shown."""
    texts = {picture(text): text for text in diagrams()}
    (ROOT / FOLDER).mkdir(parents=True, exist_ok=True)
    for file in (ROOT / FOLDER).glob("*.png"):
        if file.relative_to(ROOT) not in texts:
            file.unlink()
    missing = {file: text for file, text in texts.items() if not (ROOT / file).exists()}
    if missing:
        asyncio.run(draw(missing, script()))


if __name__ == "__main__":
    main()
