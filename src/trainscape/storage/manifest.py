"""The manifest: the commit point of a stage. It exists if and only if the stage is complete for the request that it names.

Everything in it is deterministic: a run that was killed and resumed, on another host, with other chunks, writes the same bytes as one that was not.
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
            f"{paths.manifest} does not exist: the stage {paths} is not complete. Run `make figures` to complete it."
        ) from None
    except ValueError as error:
        raise ManifestMissingError(
            f"{paths.manifest} is damaged ({error}). Delete it and run `make figures`: finished chunks are kept."
        ) from None
    whole = {"request", "upstream", "cells", "summary"}, {"request", "upstream", "tables"}
    if not isinstance(manifest, dict) or not any(keys <= manifest.keys() for keys in whole):
        raise ManifestMissingError(
            f"{paths.manifest} is damaged. Delete it and run `make figures`: finished chunks are kept."
        )
    return manifest
