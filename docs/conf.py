"""The site of the documentation, for Sphinx: `make docs` builds it into build/site.

Its source is the whole checkout, so that links in pages lead to the same files here as they do
where the repository is read.
"""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

project = "Newsquake"
author = "The authors of Newsquake"
version = release = installed_version("newsquake")
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "bench/README.md", "nlp/*/MODEL_CARD.md"]
exclude_patterns = [
    *(".git", ".venv", ".uv", "build", "dist", "**/__pycache__"),
    *(".*_cache", ".hypothesis", "tests", "shared"),
]

extensions = ["myst_parser", "tools.docs_site.extension"]
myst_heading_anchors = 4
nitpicky = True

html_theme = "furo"
html_title = f"Newsquake {version}"
html_favicon = str(ROOT / "dashboard/assets/icon.svg")
html_logo = html_favicon
html_static_path = [
    str(Path(__file__).with_name("site") / "style.css"),
    str(ROOT / "dashboard/assets/fonts"),
]
html_css_files = ["style.css"]
html_extra_path = [str(Path(__file__).with_name("site") / "index.html")]
html_show_sourcelink = False
html_copy_source = False
html_show_copyright = False
html_use_index = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#bf3d0a",
        "color-brand-content": "#1d5da6",
        "color-background-primary": "#fcfdf9",
        "color-background-secondary": "#f5f7f0",
    },
    "dark_css_variables": {
        "color-brand-primary": "#ff8c50",
        "color-brand-content": "#74b6f7",
        "color-background-primary": "#111917",
        "color-background-secondary": "#162120",
    },
}
