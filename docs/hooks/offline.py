"""Nothing of the site comes from elsewhere: checked in every page, mended where the theme does."""

from __future__ import annotations

import re
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.utils import get_relative_url

__all__ = ["on_config", "on_post_page"]

_SHIM = re.compile(r'<script src="https://unpkg\.com/iframe-worker/shim"></script>')
"""What the theme loads so that the search works from a disk; `scripts/` has a file of our own."""

_FETCHED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\ssrc=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preconnect|preload|icon))"
    r"[^>]*\shref=[\"']?(?:https?:)?//[^>]*>"
)


def on_config(config: Any, **_: Any) -> Any:
    """Leave out the theme's page for a missing address; MkDocs calls this.

    It is for a server: it is no page that `on_post_page` sees, its links begin at the root of a
    host, and a folder on a disk never shows it.
    """
    config.theme.static_templates.discard("404.html")
    return config


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """Check and mend a page; MkDocs calls this."""
    own = get_relative_url("scripts/search-from-disk.js", page.url)
    mended = _SHIM.sub(f'<script src="{own}"></script>', output)
    fetched = _FETCHED.search(mended)
    if fetched:
        raise PluginError(f"{page.file.src_uri} asks for something from elsewhere: {fetched[0]}")
    return mended
