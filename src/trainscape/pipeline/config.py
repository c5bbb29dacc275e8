"""Configuration: YAML files, validated by pydantic models that also generate the default YAML and the JSON schemas.

``config/config.yaml`` says what to run and how (`WorkflowConfig`); ``config/studies/<name>.yaml`` holds a study's entropy and the settings of each
preset (`StudyConfig`). A key that a preset leaves out has the value of the plug-in's own preset; an unknown key is an error. Validation is strict:
a YAML 1.1 ``yes`` is not a number, and ``"6"`` is not 6.
"""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from trainscape.pipeline.errors import ConfigError
from trainscape.studies.contract import Settings, Study

__all__ = [
    "CONFIG_FILE",
    "PRESETS",
    "LoadedStudy",
    "WorkflowConfig",
    "load_study",
    "load_workflow_config",
    "study_config_model",
    "study_file",
]

CONFIG_FILE = Path("config/config.yaml")
PRESETS = ("smoke", "laptop", "workstation", "paper")
Preset = Literal["smoke", "laptop", "workstation", "paper"]


class WorkflowConfig(BaseModel):
    """What to run, and how. None of it changes a number."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preset: Preset = Field(
        "laptop",
        description="Size of the run: smoke (seconds), laptop (minutes), workstation (hours), paper (a cluster).",
    )
    studies: tuple[str, ...] = Field(
        ("fragmentation",),
        description="Studies to run; each has a file config/studies/<name>.yaml.",
    )
    study: str | None = Field(None, description="Run only this one of the studies.")
    chunk_seconds: float = Field(
        8.0,
        gt=0,
        description="Wanted work per chunk, in core-seconds: what a kill can cost, and one task.",
    )
    in_process_seconds: float = Field(
        45.0,
        ge=0,
        description="Below this much work, in core-seconds, no worker processes are started.",
    )
    grace_seconds: float = Field(
        60.0, ge=0, description="After SIGTERM, how long running chunks are waited for."
    )
    progress_seconds: float = Field(
        30.0, gt=0, description="Seconds between two progress lines where stderr is not a terminal."
    )
    discard_core_hours: float = Field(
        0.5,
        ge=0,
        description="Stop and ask before finished chunks worth more than this would be computed again because the code or a setting changed.",
    )
    memory_gib: float = Field(
        16.0,
        gt=0,
        description="Memory that one stage may use, in GiB; cells estimated above it are refused before anything runs.",
    )


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML says keys are unique; PyYAML keeps the last one silently."""


def _unique_mapping(loader: _UniqueKeyLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys: list[Any] = []
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in keys:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {key!r} is given twice", key_node.start_mark
            )
        keys.append(key)
    return loader.construct_mapping(node, deep=True)


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file. Run from the folder that holds the Snakefile, or see config/README.md."
        ) from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read as YAML: {error}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(
            f"{path}: must be a mapping of keys to values, but is a {type(content).__name__}"
        )
    return content


def _model_at(model: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel] | None:
    """Return the model that the keys `location` lead to, or None where they lead into something else."""
    found: Any = model
    for part in location:
        found = (
            found.model_fields[part].annotation
            if part in getattr(found, "model_fields", {})
            else None
        )
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _describe(error: Any, path: Path, model: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in error["loc"]) or "(top level)"
    if error["type"] == "extra_forbidden":
        nearest = _model_at(model, error["loc"][:-1])
        return f"{path}: {key}: unknown key" + (
            f"; allowed: {', '.join(nearest.model_fields)}" if nearest is not None else ""
        )
    given = (
        f", but is {json.dumps(error.get('input'), default=str)[:200]}"
        if error["type"] != "missing"
        else ""
    )
    return f"{path}: {key}: {error['msg']}{given}"


def _not_finite(value: Any, key: str) -> Iterator[str]:
    """Yield the key path and value of every number that is none: no setting can be one, and JSON cannot spell it."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{key}: must be a finite number, but is {value}"
    elif isinstance(value, dict | list):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _not_finite(item, f"{key}.{name}" if key else str(name))


Model = TypeVar("Model", bound=BaseModel)


def _validate(model: type[Model], content: Any, path: Path) -> Model:
    if problems := list(_not_finite(content, "")):
        raise ConfigError([f"{path}: {problem}" for problem in problems])
    try:
        return model.model_validate_json(json.dumps(content, default=str), strict=True)
    except ValidationError as error:
        raise ConfigError([_describe(item, path, model) for item in error.errors()]) from None


def load_workflow_config(
    path: Path = CONFIG_FILE, overrides: dict[str, Any] | None = None
) -> WorkflowConfig:
    """Read and validate the workflow's configuration.

    Parameters
    ----------
    path
        The YAML file.
    overrides
        Values that take precedence, as given on a command line.

    Raises
    ------
    ConfigError
        Naming file, key path, value and what is allowed.
    """
    config = _validate(WorkflowConfig, {**_read_yaml(path), **(overrides or {})}, path)
    if config.study is not None and config.study not in config.studies:
        raise ConfigError(
            f"{path}: study: {config.study!r} is not one of the studies ({', '.join(config.studies)})"
        )
    if not config.studies or len(set(config.studies)) < len(config.studies):
        raise ConfigError(f"{path}: studies: must name at least one study, and none twice")
    return config


@dataclass(frozen=True)
class LoadedStudy:
    """A study with its validated configuration for one preset."""

    study: Study
    plugin: str
    preset: str
    entropy: int
    settings: Settings


def study_file(name: str, config_file: Path = CONFIG_FILE) -> Path:
    """Return the path of a study's YAML file, which lies beside the workflow's configuration."""
    return config_file.parent / "studies" / f"{name}.yaml"


def _import_study(plugin: str, path: Path) -> Study:
    try:
        module = importlib.import_module(plugin)
    except (
        ImportError,
        TypeError,
        ValueError,
    ) as error:  # the last two for what is no absolute name
        raise ConfigError(
            f"{path}: plugin: cannot import {plugin!r} ({error}). Is the package installed, or on PYTHONPATH?"
        ) from error
    study = getattr(module, "STUDY", None)
    if not isinstance(study, Study):
        raise ConfigError(
            f"{path}: plugin: {plugin!r} has no object STUDY of type trainscape.studies.contract.Study"
        )
    return study


def study_config_model(study: Study) -> type[BaseModel]:
    """Return the pydantic model of the study's YAML file: the source of its JSON schema."""
    presets = create_model(
        f"{study.name}_presets",
        __config__=ConfigDict(extra="forbid"),
        **{
            name: (
                study.settings,
                Field(study.presets[name], description=f"Settings of the preset {name}."),
            )
            for name in PRESETS
        },  # type: ignore[call-overload]
    )
    return create_model(
        f"{study.name}_config",
        __config__=ConfigDict(extra="forbid"),
        plugin=(str, Field(description="Dotted name of the package that defines the study.")),
        entropy=(
            str,
            Field(
                pattern="^[0-9]{1,39}$",
                description="Root of all random streams: a decimal integer below 2^128, in quotes. Change it for new draws.",
            ),
        ),
        presets=(
            presets,
            Field(
                description="Settings of each preset. A key left out has the default of that preset."
            ),
        ),
    )


def _merge(default: BaseModel, given: dict[str, Any]) -> dict[str, Any]:
    """Return `given` with what it leaves out, at any depth of nested models, from `default`. Mappings are single values and not merged."""
    merged = default.model_dump(mode="json")
    for key, value in given.items():
        nested = getattr(default, key, None) if key in type(default).model_fields else None
        merged[key] = (
            _merge(nested, value)
            if isinstance(nested, BaseModel) and isinstance(value, dict)
            else value
        )
    return merged


def _with_defaults(study: Study, presets: Any, path: Path) -> dict[str, Any]:
    if not isinstance(presets, dict | None):
        raise ConfigError(
            f"{path}: presets: must be a mapping of preset names to settings, but is {json.dumps(presets, default=str)}"
        )
    problems = [
        f"{path}: presets.{key}: must be a mapping of settings, but is {json.dumps(section, default=str)}"
        for key, section in (presets or {}).items()
        if not isinstance(section, dict | None)
    ]
    if problems:
        raise ConfigError(problems)
    return {
        key: _merge(study.presets[key], section or {}) if key in PRESETS else section
        for key, section in (presets or {}).items()
    }


def load_study(name: str, preset: str, config_file: Path = CONFIG_FILE) -> LoadedStudy:
    """Read and validate a study's YAML file, all its presets included, and return the study with the settings of `preset`.

    Raises
    ------
    ConfigError
        Naming file, key path, value and what is allowed.
    """
    path = study_file(name, config_file)
    content = _read_yaml(path)
    plugin = content.get("plugin")
    if not isinstance(plugin, str):
        raise ConfigError(
            f"{path}: plugin: must name the package that defines the study, for example trainscape.studies.{name}"
        )
    study = _import_study(plugin, path)
    if study.name != name:
        raise ConfigError(
            f"{path}: the file is called {name}, but the plug-in {plugin} defines the study {study.name!r}"
        )
    merged = _with_defaults(study, content.get("presets"), path)
    config = _validate(study_config_model(study), {**content, "presets": merged}, path)
    entropy = int(config.entropy)  # type: ignore[attr-defined]
    if entropy >= 2**128:
        raise ConfigError(f"{path}: entropy: must be below 2^128")
    return LoadedStudy(study, plugin, preset, entropy, getattr(config.presets, preset))  # type: ignore[attr-defined]
