"""Turn the Markdown of our own pages into HTML. HTML in the text is shown as text."""

from __future__ import annotations

from markdown_it import MarkdownIt


def html_of(markdown: str) -> str:
    """Return a text of `prompts/fixed` as HTML."""
    return str(MarkdownIt("commonmark", {"html": False}).render(markdown))
