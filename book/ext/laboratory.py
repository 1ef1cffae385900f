"""Sphinx extension: the scripts and the style of the laboratory, on its own page, which gets the width of the side bar."""

PAGE = "chapters/laboratory"
SCRIPTS = ("theory.js", "lab-state.js", "lab-figures.js", "lab.js")


def load(app, pagename, templatename, context, doctree):
    if pagename == PAGE:
        app.add_css_file("lab.css")
        for script in SCRIPTS:
            app.add_js_file(script)
        context["meta"] = {**(context["meta"] or {}), "html_theme.sidebar_secondary.remove": ""}


def setup(app):
    app.connect("html-page-context", load)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
