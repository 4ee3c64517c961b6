"""What the site needs beyond MyST: the sections of its sidebar, and pictures of diagrams."""

from pathlib import Path
from typing import Any, Final

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from tools.docs_site.diagram import picture
from tools.docs_site.sections import HOME, placed

_LOG: Final = logging.getLogger(__name__)


class Mermaid(SphinxDirective):
    """A block of Mermaid: its committed picture, else its text with a warning."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the picture of the block's text."""
        text = "\n".join(self.content)
        file = picture(text)
        if not (Path(self.env.srcdir) / file).exists():
            remedy = "draw it: python -m tests.docs.draw_diagrams"
            _LOG.warning("a diagram has no picture; %s", remedy, location=self.get_location())
            return [nodes.literal_block(text, text)]
        return [nodes.image(uri=f"/{file}", alt="Diagram", classes=["diagram"])]


def add_sections(_: Sphinx, page: str, source: list[str]) -> None:
    """Append the sections to the first page, one list of pages each."""
    if page != HOME:
        return
    pages = _.env.found_docs
    for caption, names in placed(pages).items():
        entries = "\n".join(f"/{name}" for name in names)
        source[0] += f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{entries}\n```\n"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what this module adds."""
    app.add_directive("mermaid", Mermaid)
    app.add_lexer("csv", TextLexer)
    app.connect("source-read", add_sections)
    app.config.myst_fence_as_directive = {"mermaid"}
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
