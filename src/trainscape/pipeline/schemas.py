"""The JSON schemas of the configuration files, for editors; generated from the pydantic models."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from trainscape.pipeline.config import (
    CONFIG_FILE,
    PRESETS,
    WorkflowConfig,
    load_studies,
    load_workflow_config,
    study_config_model,
)

__all__ = ["schema_files"]

SCHEMAS = Path("workflow/schemas")


def _schema(model: type[BaseModel]) -> str:
    return json.dumps(model.model_json_schema(), indent=2, sort_keys=True) + "\n"


def schema_files(config_file: Path = CONFIG_FILE) -> dict[Path, str]:
    """Return path and content of the schema of every configuration file."""
    files = {SCHEMAS / "config.schema.json": _schema(WorkflowConfig)}
    for name in load_workflow_config(config_file).studies:
        loaded = load_studies(name, config_file)
        study = next(loaded[preset] for preset in PRESETS if preset in loaded).study
        files[SCHEMAS / f"{name}.schema.json"] = _schema(study_config_model(study))
    return files
