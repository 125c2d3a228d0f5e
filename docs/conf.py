"""Settings of the documentation site: Sphinx, pages in Markdown, tables made from the code by tools/tables.py."""

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]

project = "xlnet-data"
author = "The xlnet-data authors"
project_copyright = author
release = _PROJECT["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
"""Headings down to this level can be linked to, as on GitHub: page.md#heading."""

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
python_display_short_literal_types = True
python_use_unqualified_type_names = True
maximum_signature_line_length = 90
napoleon_google_docstring = True
napoleon_numpy_docstring = False
nitpick_ignore_regex = [("py:.*", ".*")]
"""Types in signatures need no page of their own; pages, anchors and pictures are still checked."""

html_theme = "furo"
html_title = f"xlnet-data {release}"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
copybutton_exclude = ".linenos, .gp, .go"
