"""A page that `mkdocs.yml` does not name is not lost: it stands in a section of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["on_config", "paths_of"]

SECTION = "More"


def paths_of(nav: Any) -> list[str]:
    """Return the paths that a navigation names, in order."""
    if isinstance(nav, str):
        return [nav]
    items = nav.values() if isinstance(nav, dict) else nav
    return [path for item in items for path in paths_of(item)]


def on_config(config: Any) -> Any:
    """Add what is missing; MkDocs calls this."""
    docs = Path(config["docs_dir"])
    pages = sorted(path.relative_to(docs).as_posix() for path in docs.rglob("*.md"))
    missing = [page for page in pages if page not in paths_of(config["nav"])]
    if missing:
        config["nav"] = [*config["nav"], {SECTION: missing}]
    return config
