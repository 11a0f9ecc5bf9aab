"""Reports written in Markdown, as part of a page."""

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

QUOTED = ["html_block", "html_inline", "link", "image", "autolink", "reference"]
SCROLLED = '<div class="scroll" tabindex="0"><table>\n'
"""A wide table moves within its own frame on a phone, by keyboard, too."""


def as_html(markdown: str) -> Markup:
    """A report for a template. What is HTML, a link or a picture in it is shown as the text it is: reports quote
    callers."""
    return Markup(_renderer().render(markdown))


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table").disable(QUOTED)
    renderer.add_render_rule("table_open", lambda *_: SCROLLED)
    renderer.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return renderer
