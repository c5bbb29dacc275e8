"""The files of claims: one for each group, and one of a study, put together from them.

Needs no numerical library: `trainscape collect` is a job of every run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainscape.pipeline.request import Request
from trainscape.storage.atomic import write_atomic
from trainscape.storage.paths import study_claims

__all__ = ["ORIGINS", "VERDICTS", "claims_text", "collect_claims", "number", "study_records"]

VERDICTS = ("reproduced", "conditional", "not reproduced", "undecided")
"""What a claim can come to, in the order in which they are counted."""

ORIGINS = {
    "paper": "said by the paper",
    "derived": "derived here",
    "check": "checks of the code",
}
"""Where a claim comes from, and the phrase for it."""


def number(record: Mapping[str, Any]) -> str:
    """Return the measured number with its interval; what is infinite there is written ``open``."""
    ends = record["interval"] or ()
    if record["measured"] is None and not ends:
        return ""
    value, *rest = ("open" if one is None else f"{one:.4g}" for one in (record["measured"], *ends))
    return f"{value} [{', '.join(rest)}]" if rest else value


def claims_text(records: list[dict[str, Any]]) -> bytes:
    """Return the content of a file of claims."""
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def study_records(groups: list[Request]) -> bytes:
    """Return the claims of a study as one JSON text, put together from those of its groups."""
    return claims_text(
        [
            record
            for request in groups
            for record in json.loads(request.paths.claims.read_text(encoding="utf-8"))
        ]
    )


def collect_claims(groups: list[Request]) -> Path:
    """Write the claims of a study; return the file.

    Parameters
    ----------
    groups
        The requests of the figures of all groups of one study, whose stages are complete.
    """
    first = groups[0].paths
    path = study_claims(first.root, first.preset, first.study)
    write_atomic(path, study_records(groups))
    return path
