"""Names that the theme leaves out, and headers of tables without a word: readers of screens ask."""

from __future__ import annotations

from typing import Any

__all__ = ["on_post_page"]

_SEARCH = '<div class="md-search" data-md-component="search" role="dialog"'


def on_post_page(output: str, **_: Any) -> str:
    """Mend a page; MkDocs calls this. `scripts/accessible.js` mends what scripts add later."""
    named = output.replace(_SEARCH, f'{_SEARCH} aria-label="Search"')
    return named.replace("<th></th>", "<td></td>")
