"""Formulas of the site, as MathML when it is built: no script, no fonts, nothing from elsewhere."""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError

__all__ = ["on_page_content", "with_formulas"]

_FORMULA = re.compile(
    r'<(span|div) class="arithmatex">(?:\\\((.*?)\\\)|\\\[(.*?)\\\])</\1>', re.DOTALL
)
"""A formula as `pymdownx.arithmatex` marks it: within a line, or in a line of its own."""

_LEFT_OVER = re.compile(r"\\[A-Za-z]+")


def _mathml(match: re.Match[str]) -> str:
    tag, inline, block = match.groups()
    source = html.unescape(block if inline is None else inline).strip()
    # Upright letters in bold do not exist in all fonts; a space between formulas is one of text.
    written = convert(source, display="inline" if block is None else "block")
    unknown = _LEFT_OVER.search(written)
    if unknown:
        raise PluginError(f"the formula {source!r} has a command that is not known: {unknown[0]}")
    return f'<{tag} class="formula">{written}</{tag}>'


def with_formulas(content: str) -> str:
    """Return the HTML of a page with its formulas as MathML.

    Raises
    ------
    PluginError
        If a formula has a command that cannot be written.
    """
    return _FORMULA.sub(_mathml, content)


def on_page_content(content: str, page: Any, **_: Any) -> str:
    """Write the formulas of a page; MkDocs calls this."""
    try:
        return with_formulas(content)
    except Exception as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error
