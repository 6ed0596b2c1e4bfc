"""Sphinx's settings for the course as a web site. tools/publishing/website.py hands over what they depend on."""

import json
import os

COURSE = json.loads(os.environ["COURSE_SITE"])

project = "Convolutional networks"
author = copyright = "The convnet course authors"
extensions = ["myst_nb"]
language = "en"
exclude_patterns = []
nb_execution_mode = "off"  # the notebooks come executed
nb_merge_streams = True
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "amsmath", "html_image"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
# No widget is alive here, so that nothing of them is fetched: explorers are the pictures of themselves.
nb_ipywidgets_js = {}
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
mathjax_path = "mathjax/tex-svg-full.js"
mathjax3_config = {"options": {"enableMenu": False}}
suppress_warnings = ["mystnb.unknown_mime_type"]

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_context = {"default_mode": "auto"}
html_show_sphinx = False
html_copy_source = False
pygments_style = "a11y-high-contrast-light"
html_theme_options = {
    "repository_url": f"https://github.com/{COURSE['repository']}",
    "repository_branch": COURSE["release"],
    "path_to_docs": "",
    "use_repository_button": True,
    "launch_buttons": {
        "notebook_interface": "jupyterlab",
        "binderhub_url": "https://mybinder.org",
        "colab_url": "https://colab.research.google.com",
    },
    "use_download_button": False,
    "navbar_persistent": [],  # the search stands in the side bar
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
