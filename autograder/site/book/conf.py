"""How Sphinx makes the book. What it is about stands in `book.json` beside the sources."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
told = json.loads((HERE / "book.json").read_text(encoding="utf-8"))
sys.path.insert(0, str(HERE))

project = html_title = told["title"]
author = told["author"]
version = release = told["version"]
copyright = told["terms"]  # the theme shows it in the footer
language = "en"

extensions = ["myst_nb", "formulas"]
exclude_patterns = ["book.json"]
nb_execution_mode = "off"  # they have been run
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # no scripts from elsewhere: panels are pictures
nb_merge_streams = True
nb_code_prompt_show = "Show the solution"
nb_code_prompt_hide = "Hide the solution"
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # a small heading right below a lesson's title is meant
html_math_renderer = "mathml"

html_baseurl = told["base_url"]
html_theme = "sphinx_book_theme"
html_theme_options = {
    "use_fullscreen_button": False,
    "use_download_button": False,
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "navigation_with_keys": False,  # the arrow keys belong to the reader
    # the side bar has title and search: no bar above the page
    "navbar_start": [],
    "navbar_center": [],
    "navbar_end": [],
    "navbar_persistent": [],
    "search_bar_text": "Search the book",
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}
html_favicon = "_static/favicon.svg"
html_use_index = False
html_static_path = ["_static"]
html_css_files = ["kit.css"]
html_js_files = ["print.js"]
templates_path = ["_templates"]
html_show_sourcelink = html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None
