"""The manifest: the file that marks a stage as complete for the request that it names.

Its content is deterministic. A run that was killed and resumed, on another host or with other
chunks, writes the same bytes as an uninterrupted run.
"""

from __future__ import annotations

import json
from typing import Any

from trainscape.storage.paths import StagePaths

__all__ = ["ManifestMissingError", "read_manifest"]


class ManifestMissingError(RuntimeError):
    """A stage is not complete, or its manifest is damaged."""


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
        raise ManifestMissingError(
            f"{paths.manifest} is damaged ({error}). Delete it and run `make figures`: finished "
            "chunks are kept."
        ) from None
    required = {"request", "upstream", "cells", "summary"}, {"request", "upstream", "files"}
    if not isinstance(manifest, dict) or not any(keys <= manifest.keys() for keys in required):
        raise ManifestMissingError(
            f"{paths.manifest} is damaged. Delete it and run `make figures`: finished chunks are "
            "kept."
        )
    for cell in manifest.get("cells", ()):
        # JSON has no tuples, and a parameter is never a list.
        cell["parameters"] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in cell["parameters"].items()
        }
    return manifest
