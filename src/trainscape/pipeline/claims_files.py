"""The files of claims: one for each group, and one of a study, put together from them.

Needs no numerical library: `trainscape collect` is a job of every run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import Request
from trainscape.storage.atomic import write_atomic
from trainscape.storage.paths import study_claims
from trainscape.storage.records import what_is_wrong

__all__ = [
    "ORIGINS",
    "VERDICTS",
    "claims_text",
    "collect_claims",
    "number",
    "read_records",
    "study_records",
]

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


class _Claim(BaseModel):
    """A record as a file of claims has it. The file may come from somebody else."""

    model_config = ConfigDict(extra="forbid", strict=True)

    # It becomes the name of a page.
    id: Annotated[str, Field(pattern=r"^[^/\\\x00.][^/\\\x00]*$", max_length=200)]
    origin: Literal["paper", "derived", "check"]
    source: str
    statement: str
    rule: str
    verdict: Literal["reproduced", "conditional", "not reproduced", "undecided"]
    reason: str
    measured: float | None
    interval: Annotated[list[float | None], Field(min_length=2, max_length=2)] | None
    samples: int
    facts: dict[str, Any]
    figure: str | None
    store: str


_CLAIMS = TypeAdapter(list[_Claim])


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the records in a file of claims.

    Raises
    ------
    ConfigError
        If it cannot be read, or holds something else.
    """
    try:
        records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        _CLAIMS.validate_python(records)
    except ValidationError as error:
        reason = f"it is damaged: {what_is_wrong(error)}"
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error)
    else:
        return records
    raise ConfigError(f"{path} cannot be read ({reason}). Run `make figures`.")


def claims_text(records: list[dict[str, Any]]) -> bytes:
    """Return the content of a file of claims."""
    text = json.dumps(records, indent=1, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def study_records(groups: list[Request]) -> bytes:
    """Return the claims of a study as one JSON text, put together from those of its groups."""
    return claims_text(
        [record for request in groups for record in read_records(request.paths.claims)]
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
