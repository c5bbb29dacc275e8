"""The manifest: the file that marks a stage as complete for the request that it names.

Its content is deterministic. A run that was killed and resumed, on another host or with other
chunks, writes the same bytes as an uninterrupted run. It carries a digest of itself; the manifests
of earlier versions do not, and are taken as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trainscape.storage.paths import StagePaths
from trainscape.storage.records import check_manifest
from trainscape.storage.sealed import SEAL, is_intact, sealed

__all__ = ["ManifestMissingError", "manifest_text", "read_manifest"]

_STAGE = frozenset(("request", "upstream", "cells", "summary"))
_FIGURES = frozenset(("request", "upstream", "files"))
_HEAD = frozenset(("schema", "study", "preset", "family", "stage", "steps"))
KNOWN = _STAGE | _FIGURES | _HEAD | {"captions", SEAL}
"""All keys of a manifest: another one is a key that was damaged, the seal's perhaps."""


class ManifestMissingError(RuntimeError):
    """A stage is not complete, or its manifest is damaged."""


def manifest_text(record: Mapping[str, Any]) -> bytes:
    """Return the content of a manifest with these facts.

    Raises
    ------
    ValueError
        If they contain a NaN or an infinity.
    """
    text = json.dumps(sealed(record), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def read_manifest(paths: StagePaths) -> dict[str, Any]:
    """Return the manifest of a stage.

    Raises
    ------
    ManifestMissingError
        If there is none or it cannot be read.
    """
    try:
        manifest = json.loads(paths.manifest.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ManifestMissingError(
            f"{paths.manifest} does not exist: the stage {paths} is not complete. Run `make "
            "figures` to complete it."
        ) from None
    except ValueError as error:
        raise _damaged(paths, f" ({error})") from None
    if not isinstance(manifest, dict) or not any(
        keys <= manifest.keys() for keys in (_STAGE, _FIGURES)
    ):
        raise _damaged(paths)
    if not manifest.keys() <= KNOWN or (SEAL in manifest and not is_intact(manifest)):
        raise _damaged(paths, " (it is not what was written)")
    manifest.pop(SEAL, None)
    try:
        check_manifest(manifest)
    except ValueError as error:
        raise _damaged(paths, f" ({error})") from None
    for cell in manifest.get("cells", ()):
        # JSON has no tuples, and a parameter is never a list.
        cell["parameters"] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in cell["parameters"].items()
        }
    return manifest


def _damaged(paths: StagePaths, reason: str = "") -> ManifestMissingError:
    return ManifestMissingError(
        f"{paths.manifest} is damaged{reason}. Run `make figures`, which makes it again: finished "
        "chunks are kept."
    )
