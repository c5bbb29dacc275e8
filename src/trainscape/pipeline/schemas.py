"""The JSON schemas of the configuration files, for editors; generated from the pydantic models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from trainscape.pipeline.cluster.settings import Cluster
from trainscape.pipeline.config import (
    CONFIG_FILE,
    PRESETS,
    WorkflowConfig,
    load_studies,
    load_workflow_config,
    study_config_model,
)

__all__ = ["schema_files", "study_schema"]

SCHEMAS = Path("workflow/schemas")


def _on_one_line(schema: Any) -> Any:
    """Return a schema whose descriptions, which are wrapped in the source, are single lines."""
    if isinstance(schema, list):
        return [_on_one_line(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    text = schema.get("description")
    plain = {"description": " ".join(text.split())} if isinstance(text, str) else {}
    return {name: _on_one_line(value) for name, value in schema.items()} | plain


def _schema(model: type[BaseModel]) -> str:
    schema = _on_one_line(model.model_json_schema())
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def study_schema(name: str, config_file: Path = CONFIG_FILE) -> tuple[Path, str]:
    """Return path and content of the schema of a study's YAML file."""
    loaded = load_studies(name, config_file)
    study = next(loaded[preset] for preset in PRESETS if preset in loaded).study
    return SCHEMAS / f"{name}.schema.json", _schema(study_config_model(study))


def schema_files(config_file: Path = CONFIG_FILE) -> dict[Path, str]:
    """Return path and content of the schema of every configuration file."""
    studies = load_workflow_config(config_file).studies
    return {
        SCHEMAS / "config.schema.json": _schema(WorkflowConfig),
        SCHEMAS / "cluster.schema.json": _schema(Cluster),
        **dict(study_schema(name, config_file) for name in studies),
    }
