"""What the records beside a store have to look like: they may come from somebody else.

Types, names and keys are checked before anything is made of them, so that a planted or damaged
record ends in one sentence, and no name in it leads out of its folder.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = ["CELL_NAME", "check_manifest", "read_facts", "what_is_wrong"]

CELL_NAME = r"^[A-Za-z0-9_+][A-Za-z0-9_.+-]*$"
"""What names of cells look like: they become names of folders."""

_FILE_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$"
_Scalar = bool | int | float | str


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Cell(_Record):
    name: Annotated[str, Field(pattern=CELL_NAME)]
    parameters: dict[str, _Scalar | list[_Scalar]]
    samples: Annotated[int, Field(ge=1)] | None
    digest: str
    inputs: dict[str, Any] = {}


class _Summary(_Record):
    digest: str


class _Caption(_Record):
    title: str
    caption: str


class _Manifest(_Record):
    study: str | None = None
    preset: str | None = None
    family: str | None = None
    stage: str | None = None
    steps: dict[str, str] = {}
    request: str
    upstream: dict[str, str]
    version: Annotated[int, Field(alias="schema")] = 1
    seal: str | None = None


class _StageManifest(_Manifest):
    """The manifest of a stage with a store."""

    cells: list[_Cell]
    summary: _Summary | None


class _FiguresManifest(_Manifest):
    """The manifest of the figures of a group."""

    files: dict[Annotated[str, Field(pattern=_FILE_NAME)], str]
    captions: dict[str, _Caption] = {}


class _Facts(BaseModel):
    """The facts of a job that are read again; others are for people."""

    model_config = ConfigDict(extra="ignore", strict=True)

    started: str = ""
    ended: str = ""
    commit: str = ""
    dirty: bool = False
    cpu_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    chunk_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    peak_memory_bytes: Annotated[int, Field(ge=0)] | None = None
    host: str = ""
    processor: str = ""
    platform: str = ""
    versions: dict[str, str] = {}


def what_is_wrong(error: ValidationError) -> str:
    """Return the first thing that is wrong with a record: its place, and why."""
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))[:100] or "top level"
    return f"{where}: {first['msg'][:200]}"


def check_manifest(manifest: Mapping[str, Any]) -> None:
    """Make sure that a manifest is one.

    Raises
    ------
    ValueError
        Saying where it is not.
    """
    try:
        (_FiguresManifest if "files" in manifest else _StageManifest).model_validate(manifest)
    except ValidationError as error:
        raise ValueError(what_is_wrong(error)) from None


def read_facts(path: Path) -> dict[str, Any]:
    """Return the facts in a file of provenance; none, if it is missing or damaged."""
    try:
        content = path.read_bytes()
        _Facts.model_validate_json(content)
        facts: dict[str, Any] = json.loads(content)
    except (OSError, ValueError):  # pydantic's error is a ValueError
        return {}
    return facts
