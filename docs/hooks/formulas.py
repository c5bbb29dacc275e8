"""Formulas of the site, as MathML when it is built: no script, nothing from elsewhere."""

from __future__ import annotations

import html
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

__all__ = ["on_files", "on_page_content", "with_formulas"]

FONT = "STIXTwoMath-Regular.ttf"

_FORMULA = re.compile(
    r'<(span|div) class="arithmatex">(?:\\\((.*?)\\\)|\\\[(.*?)\\\])</\1>', re.DOTALL
)
"""A formula as `pymdownx.arithmatex` marks it: within a line, or in a line of its own."""

_LETTER = re.compile(r"\\(math(?:bb|cal|frak|bf|rm|sf)) ([A-Za-z])")
"""A style of one letter without braces, which the converter reads otherwise than with them."""

_FUNCTION = re.compile(r"<m([io])>(?:dim|exp|ln|log|sin|cos)</m\1>(?!<mo|</)")
"""The name of a function, and no parenthesis behind it."""

_LEFT_OVER = re.compile(r"\\[A-Za-z]+")


def _mathml(match: re.Match[str]) -> str:
    tag, inline, block = match.groups()
    source = html.unescape(block if inline is None else inline).strip()
    source = _LETTER.sub(r"\\\1{\2}", source)
    written = convert(source, display="inline" if block is None else "block")
    unknown = _LEFT_OVER.search(written)
    if unknown:
        raise PluginError(f"the formula {source!r} has a command that is not known: {unknown[0]}")
    written = _FUNCTION.sub(r"\g<0><mspace width='0.17em'/>", written)
    return f'<{tag} class="formula">{written}</{tag}>'


def with_formulas(content: str) -> str:
    """Return the HTML of a page with its formulas as MathML.

    Raises
    ------
    PluginError
        If a formula has a command that cannot be written.
    """
    return _FORMULA.sub(_mathml, content)


def on_files(files: Files, config: Any) -> Files:
    """Add a font that has what formulas need, since few systems do; MkDocs calls this.

    It is STIX Two Math (SIL Open Font License 1.1), which comes with ziamath.
    """
    package = find_spec("ziamath")  # not imported: it would read its fonts
    if package is None or package.origin is None:
        raise PluginError("ziamath is missing, which has the font of formulas: make docs")
    font = Path(package.origin).parent / "fonts" / FONT
    files.append(File.generated(config, f"fonts/{FONT}", content=font.read_bytes()))
    return files


def on_page_content(content: str, page: Any, **_: Any) -> str:
    """Write the formulas of a page; MkDocs calls this."""
    try:
        return with_formulas(content)
    except Exception as error:
        raise PluginError(f"{page.file.src_uri}: {error}") from error
