"""Links of pages to files of the project that are not part of the site: their paths, as code.

On a platform that shows the repository, they are links; a copy of the site has none of the files.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError

__all__ = ["on_page_markdown", "without_outside_links"]

PROJECT = Path(__file__).parents[2]
DOCS = PROJECT / "docs"

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(((?:\.\./)+[^)\s#]*)(#[^)\s]*)?\)")


def without_outside_links(markdown: str, page: str) -> str:
    """Return a page with the paths of files in place of links that lead out of the site.

    Parameters
    ----------
    markdown
        The page.
    page
        Its path below docs.

    Raises
    ------
    PluginError
        If there is no such file.
    """

    def written(match: re.Match[str]) -> str:
        text, target = match[1], match[2]
        path = Path(os.path.normpath(DOCS / Path(page).parent / target))
        if path.is_relative_to(DOCS):
            return match[0]
        if not path.is_relative_to(PROJECT) or not path.exists():
            raise PluginError(f"docs/{page} has a link to {target}, and there is no such file")
        name = path.relative_to(PROJECT).as_posix()
        return f"`{name}`" if text.strip("`") == name else f"{text} (`{name}`)"

    return _LINK.sub(written, markdown)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Write the paths; MkDocs calls this."""
    return without_outside_links(markdown, page.file.src_uri)
