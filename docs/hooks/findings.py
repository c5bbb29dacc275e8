"""Numbers of the page of findings, from the tables of claims in the pages of the studies.

In the page a claim's verdict and number stand between two comments, ``<!-- claim: ID -->`` and
``<!-- / -->``, and the counts of a study between ``<!-- counts: STUDY ORIGIN -->`` and the same
end. What stands between is written anew whenever the site is built, and by

    python docs/hooks/findings.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["claims_of", "on_page_markdown", "refreshed"]

DOCS = Path(__file__).parents[1]
PAGE = "findings.md"
STUDIES = ("fragmentation", "clifford", "pruning", "hypergraph")

_TABLES = re.compile(r"<!-- claims: begin -->(.*)<!-- claims: end -->", re.DOTALL)
_ROW = re.compile(r"^\| .* `([^`]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)
_COUNTS = re.compile(
    r"^\*\*(Said by the paper|Derived here|Checks of the code)\*\*: (.*)\.$", re.MULTILINE
)
_MARK = re.compile(r"(<!-- (claim|counts): ([\w -]+?) -->)(?:(?!<!--).)*(<!-- / -->)", re.DOTALL)
_OPENED = re.compile(r"<!--\s*(?:claim|counts)\b")
_ORIGINS = {"Said by the paper": "paper", "Derived here": "derived", "Checks of the code": "check"}


def claims_of(pages: Mapping[str, str]) -> dict[str, str]:
    """Return the text for each claim, by its id, and for the counts, by study and origin.

    Parameters
    ----------
    pages
        Markdown of the page of each study, by its name.
    """
    texts = {}
    for study, page in pages.items():
        found = _TABLES.search(page)
        if found is None:
            raise ValueError(f"docs/{study}.md has no tables of claims")
        for claim, verdict, number in _ROW.findall(found[1]):
            word = verdict.split(":", 1)[0]
            texts[claim] = f"{number}, *{word}*" if number else f"*{word}*"
        for phrase, counts in _COUNTS.findall(found[1]):
            texts[f"{study} {_ORIGINS[phrase]}"] = counts
    return texts


def refreshed(page: str, texts: Mapping[str, str]) -> str:
    """Return the page with the texts of its claims.

    Raises
    ------
    ValueError
        If a claim is named that no table has, or is not closed by the second comment: what comes
        after it would be lost.
    """
    if len(_OPENED.findall(page)) != len(_MARK.findall(page)):
        raise ValueError(
            f"{PAGE} has a claim without its end: write <!-- claim: ID --><!-- / -->, each comment "
            "on one line"
        )

    def written(match: re.Match[str]) -> str:
        begin, _, name, end = match.groups()
        if name not in texts:
            raise ValueError(f"{PAGE} names {name!r}, which is in no table of claims")
        return f"{begin}{texts[name]}{end}"

    return _MARK.sub(written, page)


def _texts() -> dict[str, str]:
    return claims_of(
        {study: (DOCS / f"{study}.md").read_text(encoding="utf-8") for study in STUDIES}
    )


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Write the numbers; MkDocs calls this."""
    return refreshed(markdown, _texts()) if page.file.src_uri == PAGE else markdown


if __name__ == "__main__":
    path = DOCS / PAGE
    old = path.read_text(encoding="utf-8")
    new = refreshed(old, _texts())
    path.write_text(new, encoding="utf-8")
    sys.stdout.write(f"docs/{PAGE}: {'as it was' if new == old else 'written'}\n")
