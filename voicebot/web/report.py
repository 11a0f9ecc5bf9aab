"""Reports written in Markdown, as part of a page."""

from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup


def as_html(markdown: str) -> Markup:
    """A report for a template. What is HTML, a link or a picture in it is shown as the text it is: reports quote
    callers."""
    return Markup(_renderer().render(markdown))


@cache
def _renderer() -> MarkdownIt:
    quoting = ["html_block", "html_inline", "link", "image", "autolink", "reference"]
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(quoting)
