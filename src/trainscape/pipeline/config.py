"""Configuration: YAML files, validated by pydantic models that also give the JSON schemas.

``config/config.yaml`` says what to run and how (`WorkflowConfig`); ``config/studies/<name>.yaml``
holds a study's entropy and its presets: for each the settings that the groups share, and a section
for each group. Presets exist only there; a key that is left out has the default of its model, and
an unknown key is an error. Validation is strict: ``"6"`` is not 6.
"""

from __future__ import annotations

import importlib
import json
import math
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.yaml_files import read_yaml
from trainscape.studies.contract import Settings, Study

__all__ = [
    "CONFIG_FILE",
    "PRESETS",
    "SIZES",
    "LoadedStudy",
    "WorkflowConfig",
    "load_studies",
    "load_study",
    "load_workflow_config",
    "plugin_name",
    "study_config_model",
    "study_file",
    "validated",
]

CONFIG_FILE = Path("config/config.yaml")
Preset = Literal["smoke", "laptop", "workstation", "paper", "published"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
SIZES = PRESETS[:-1]
"""Presets that differ in the size of a run; ``published`` has the settings of published runs."""


class WorkflowConfig(BaseModel):
    """What to run, and how. None of it changes a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    preset: Preset = "laptop"
    """Size of the run: smoke (seconds), laptop (minutes), workstation (hours), paper (a cluster).
    Or published: the settings of published runs, where a study has them."""
    studies: tuple[str, ...] = ("fragmentation",)
    """Studies to run; each has a file config/studies/<name>.yaml."""
    study: str | None = None
    """Run only this one of the studies."""
    group: str | None = None
    """Run only this group of families and figures."""
    chunk_seconds: float = Field(8.0, gt=0)
    """Wanted work per chunk, in core-seconds: what a kill can cost, and one task."""
    in_process_seconds: float = Field(45.0, ge=0)
    """Below this much work, in core-seconds, no worker processes are started."""
    grace_seconds: float = Field(20.0, ge=0)
    """After SIGTERM, how long running chunks are waited for: less than SLURM's KillWait (30 s)."""
    progress_seconds: float = Field(30.0, gt=0)
    """Seconds between two progress lines where stderr is not a terminal."""
    discard_core_hours: float = Field(0.5, ge=0)
    """Stop and ask before finished chunks worth more than this would be computed again because the
    code or a setting changed."""
    block_hours: float = Field(0.5, gt=0)
    """Time of one block, or between two checkpoints of it, in core-hours: the most that a kill or
    the end of a walltime costs. Cells estimated above it are refused before anything runs."""
    memory_gib: float = Field(16.0, gt=0)
    """Memory that one stage may use, in GiB; cells estimated above it are refused before anything
    runs."""


def _model_at(model: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel] | None:
    """Return the model that the keys `location` lead to, None where they lead elsewhere."""
    reached: Any = model
    for part in location:
        fields = getattr(reached, "model_fields", {})
        annotation = fields[part].annotation if part in fields else None
        # A preset may be left out: its annotation is a union with None.
        reached = next((a for a in get_args(annotation) if a is not NoneType), annotation)
    return reached if isinstance(reached, type) and issubclass(reached, BaseModel) else None


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


def _out_of_range(value: Any, key: str) -> Iterator[str]:
    """Yield key path and value of every number that no JSON or no array of integers can hold."""
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{key}: must be a finite number, but is {value}"
    elif isinstance(value, int) and abs(value) >= 2**63:
        text = str(value) if abs(value) < 10**30 else f"beyond 1e{len(str(abs(value))) - 1}"
        yield f"{key}: an integer must be below 2^63, but is {text}; a real number has an exponent"
    elif isinstance(value, dict | list):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            where = f"{key}.{name}" if key else str(name)
            if isinstance(value, dict) and not isinstance(name, str):
                yield from _out_of_range(name, where)
            yield from _out_of_range(item, where)


Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], content: Any, path: Path) -> Model:
    """Return the settings that the content of a YAML file makes.

    Raises
    ------
    ConfigError
        Naming file, key path, value and what is allowed.
    """
    if problems := list(_out_of_range(content, "")):
        raise ConfigError([f"{path}: {problem}" for problem in problems])
    try:
        return model.model_validate_json(json.dumps(content, default=str), strict=True)
    except ValidationError as error:
        raise ConfigError([_describe(item, path, model) for item in error.errors()]) from None
    except Exception as error:  # a check that a study's settings make
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigError(f"{path}: the settings cannot be checked: {reason}") from error


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
    config = validated(WorkflowConfig, {**read_yaml(path), **(overrides or {})}, path)
    if config.study is not None and config.study not in config.studies:
        raise ConfigError(
            f"{path}: study: {config.study!r} is not one of the studies "
            f"({', '.join(config.studies)})"
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
    """Those that the groups share, and for each group an attribute with its own."""
    file: Path
    """The study's YAML file."""


def study_file(name: str, config_file: Path = CONFIG_FILE) -> Path:
    """Return the path of a study's YAML file, which lies beside the workflow's configuration."""
    return config_file.parent / "studies" / f"{name}.yaml"


def plugin_name(path: Path) -> str:
    """Return the package that a study's YAML file names, without importing it.

    Raises
    ------
    ConfigError
        If there is no such file, or it names none.
    """
    return _plugin_of(read_yaml(path), path)


def _plugin_of(content: Mapping[str, Any], path: Path) -> str:
    plugin = content.get("plugin")
    if not isinstance(plugin, str):
        raise ConfigError(
            f"{path}: plugin: must name the package that defines the study, for example "
            f"trainscape.studies.{path.stem}"
        )
    return plugin


def _import_study(plugin: str, path: Path) -> Study:
    try:
        module = importlib.import_module(plugin)
    except (ImportError, TypeError, ValueError) as error:  # the last two for what is no name
        raise ConfigError(
            f"{path}: plugin: cannot import {plugin!r} ({error}). Is the package installed, or on "
            "PYTHONPATH?"
        ) from error
    except Exception as error:  # whatever its code raises
        file, line = traceback.extract_tb(error.__traceback__)[-1][:2]
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ConfigError(
            f"{path}: plugin: {plugin!r} cannot be imported: {reason} ({file}, line {line})"
        ) from error
    study = getattr(module, "STUDY", None)
    if not isinstance(study, Study):
        raise ConfigError(
            f"{path}: plugin: {plugin!r} has no object STUDY of type "
            "trainscape.studies.contract.Study"
        )
    return study


def _preset_model(study: Study) -> type[BaseModel]:
    """Return the model of one preset: what the groups share, and a section for each group."""
    clash = {group.name for group in study.groups} & set(study.settings.model_fields)
    if clash:
        raise ConfigError(f"study {study.name}: {', '.join(clash)} names a group and a setting")
    sections: dict[str, Any] = {}
    for group in study.groups:
        # A section may be left out if all its settings have defaults.
        required = any(info.is_required() for info in group.settings.model_fields.values())
        default = ... if required else group.settings()
        sections[group.name] = (group.settings, Field(default, description=group.title))
    return create_model(f"{study.name}_preset", __base__=study.settings, **sections)


def study_config_model(study: Study) -> type[BaseModel]:
    """Return the pydantic model of the study's YAML file: the source of its JSON schema."""
    preset = _preset_model(study)
    presets = create_model(
        f"{study.name}_presets",
        __config__=ConfigDict(extra="forbid"),
        **{
            name: (preset | None, Field(None, description=f"Settings of the preset {name}."))
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
                description="Root of all random streams: a decimal integer below 2^128, in quotes. "
                "Change it for new draws.",
            ),
        ),
        presets=(presets, Field(description="Settings of each size of a run.")),
    )


def load_studies(name: str, config_file: Path = CONFIG_FILE) -> dict[str, LoadedStudy]:
    """Read and validate a study's YAML file; return the study with the settings of each preset.

    Raises
    ------
    ConfigError
        Naming file, key path, value and what is allowed.
    """
    path = study_file(name, config_file)
    content = read_yaml(path)
    plugin = _plugin_of(content, path)
    study = _import_study(plugin, path)
    if study.name != name:
        raise ConfigError(
            f"{path}: the file is called {name}, but the plug-in {plugin} defines the study "
            f"{study.name!r}"
        )
    config: Any = validated(study_config_model(study), content, path)
    entropy = int(config.entropy)
    if entropy >= 2**128:
        raise ConfigError(f"{path}: entropy: must be below 2^128")
    return {
        preset: LoadedStudy(study, plugin, preset, entropy, settings, path)
        for preset in PRESETS
        if (settings := getattr(config.presets, preset)) is not None
    }


def load_study(name: str, preset: str, config_file: Path = CONFIG_FILE) -> LoadedStudy:
    """Read and validate a study's YAML file; return the study with the settings of `preset`.

    Raises
    ------
    ConfigError
        Naming file, key path, value and what is allowed.
    """
    loaded = load_studies(name, config_file)
    if preset not in loaded:
        raise ConfigError(
            f"{study_file(name, config_file)}: presets: there is no preset {preset!r}, only "
            f"{', '.join(loaded) or 'none'}"
        )
    return loaded[preset]
