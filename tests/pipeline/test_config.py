"""Bad input is refused before anything is computed or written, with file, key path, value and what is allowed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synthetic import STUDY
from trainscape.pipeline.cells import cell_name
from trainscape.pipeline.config import (
    PRESETS,
    SIZES,
    LoadedStudy,
    load_studies,
    load_study,
    load_workflow_config,
    study_config_model,
    study_file,
)
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import requests
from trainscape.pipeline.schemas import schema_files
from trainscape.pipeline.workflow import load_workflow
from trainscape.pipeline.yaml_files import read_yaml
from trainscape.studies.contract import Cell, Family, Settings, Stage, StagePlan
from workspace import PLUGIN, REPO, Workspace

WORKFLOW, STUDY_FILE = "config/config.yaml", "config/studies/synthetic.yaml"

# Name: file, its text, and what the message must contain beside the file.
BAD: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "unknown key": (
        WORKFLOW,
        "preset: smoke\nstudies: [synthetic]\nspeed: 3\n",
        ("speed", "unknown key", "chunk_seconds", "memory_gib"),
    ),
    "wrong type": (
        WORKFLOW,
        "preset: smoke\nstudies: [synthetic]\nchunk_seconds: '8'\n",
        ("chunk_seconds", '"8"', "number"),
    ),
    "YAML 1.1 boolean": (
        WORKFLOW,
        "preset: smoke\nstudies: [synthetic]\nchunk_seconds: yes\n",
        ("chunk_seconds", "yes", "number"),
    ),
    "out of range": (
        WORKFLOW,
        "preset: smoke\nstudies: [synthetic]\nmemory_gib: -1\n",
        ("memory_gib", "-1", "greater than 0"),
    ),
    "infinite": (
        WORKFLOW,
        "preset: smoke\nstudies: [synthetic]\nchunk_seconds: .inf\n",
        ("chunk_seconds", "inf", "finite"),
    ),
    "bad preset": (WORKFLOW, "preset: tiny\nstudies: [synthetic]\n", ("preset", "tiny", *PRESETS)),
    "no study": (WORKFLOW, "preset: smoke\nstudies: []\n", ("studies", "at least one")),
    "study twice": (
        WORKFLOW,
        "preset: smoke\nstudies: [synthetic, synthetic]\n",
        ("studies", "twice"),
    ),
    "study that is not listed": (
        WORKFLOW,
        "preset: smoke\nstudies: [synthetic]\nstudy: other\n",
        ("study", "other", "synthetic"),
    ),
    "duplicate key": (
        WORKFLOW,
        "preset: smoke\nstudies: [synthetic]\npreset: paper\n",
        ("preset", "twice", "line 3"),
    ),
    "no mapping": (WORKFLOW, "- smoke\n", ("mapping", "list")),
    "no YAML": (WORKFLOW, "preset: [smoke\n", ("YAML", "line")),
    "no text": (WORKFLOW, "preset: \udcff\n", ("YAML",)),
    "empty study": (STUDY_FILE, "", ("plugin", "trainscape.studies.synthetic")),
    "missing plugin": (
        STUDY_FILE,
        "plugin: no_such_package\nentropy: '1'\npresets: {}\n",
        ("plugin", "no_such_package", "PYTHONPATH"),
    ),
    "plugin that is no name": (STUDY_FILE, "plugin: ''\nentropy: '1'\npresets: {}\n", ("plugin",)),
    "plugin with a leading dot": (
        STUDY_FILE,
        "plugin: .relative\nentropy: '1'\npresets: {}\n",
        ("plugin", ".relative"),
    ),
    "plugin without a study": (
        STUDY_FILE,
        "plugin: json\nentropy: '1'\npresets: {}\n",
        ("plugin", "json", "STUDY"),
    ),
    "entropy as a number": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: 5\npresets: {{}}\n",
        ("entropy", "string"),
    ),
    "entropy in letters": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: five\npresets: {{}}\n",
        ("entropy", "five", "[0-9]"),
    ),
    "entropy too large": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '{2**128}'\npresets: {{}}\n",
        ("entropy", "2^128"),
    ),
    "no entropy": (STUDY_FILE, f"plugin: {PLUGIN}\npresets: {{}}\n", ("entropy", "required")),
    "unknown key of the study": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\nextra: 1\n",
        ("extra", "unknown key", "presets"),
    ),
    "unknown preset": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{tiny: {{}}}}\n",
        ("presets.tiny", "unknown key", *PRESETS),
    ),
    "presets that are no mapping": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: [smoke]\n",
        ("presets", "object"),
    ),
    "preset that is no mapping": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: 5}}\n",
        ("presets.smoke", "5"),
    ),
    "unknown setting": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{qubits: 3}}}}\n",
        ("presets.smoke.qubits", "unknown key", "sizes", "samples", "scale", "tolerance"),
    ),
    "setting of the wrong type": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{samples: 3.5}}}}\n",
        ("presets.smoke.samples", "3.5"),
    ),
    "boolean in a list": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{sizes: [2, on]}}}}\n",
        ("presets.smoke.sizes.1", "on"),
    ),
    "negative setting": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{paper: {{samples: -1}}}}\n",
        ("presets.paper.samples", "-1"),
    ),
    "infinite setting": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{scale: .inf}}}}\n",
        ("presets.smoke.scale", "inf"),
    ),
    "duplicate setting": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets:\n  smoke:\n    samples: 3\n    samples: 4\n",
        ("samples", "twice", "line 6"),
    ),
    "value twice": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{sizes: [2, 2], samples: 3}}}}\n",
        ("cell size-2", "2 times"),
    ),
    "too many cells": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{samples: 3, sizes: {list(range(1, 1002))}}}}}\n",
        ("1001 cells", "at most 1000", "stage simulate"),
    ),
}


def write_bad(workspace: Workspace, case: str) -> tuple[str, ...]:
    file, text, wanted = BAD[case]
    (workspace.root / file).write_bytes(text.encode(errors="surrogateescape"))
    return (file, *wanted) if case not in {"value twice", "too many cells"} else wanted


@pytest.mark.fault(
    part="changes",
    fault="a value of the configuration is of the wrong type, unknown, negative, huge or twice "
    "there",
    promise="the path to the key and what is allowed are named",
)
@pytest.mark.parametrize("case", BAD)
def test_bad_configuration_is_refused(workspace: Workspace, case: str):
    wanted = write_bad(workspace, case)
    with workspace.inside(), pytest.raises(ConfigError) as caught:
        requests(load_study("synthetic", load_workflow_config().preset))
    message = str(caught.value)
    for part in wanted:
        assert part in message, message
    assert caught.value.exit_code == 2
    assert not (workspace.root / "results").exists()


@pytest.mark.parametrize("case", BAD)
def test_bad_configuration_stops_the_workflow_before_anything_is_written(
    workspace: Workspace, case: str, capsys: pytest.CaptureFixture[str]
):
    wanted = write_bad(workspace, case)
    with workspace.inside(), pytest.raises(SystemExit) as caught:
        load_workflow({}, write=True)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert all(part in error for part in wanted)
    assert not (workspace.root / "results").exists()


def test_every_problem_is_named_at_once(workspace: Workspace):
    workspace.set_study(samples=-1, scale="large", sizes=[])
    with workspace.inside(), pytest.raises(ConfigError) as caught:
        load_study("synthetic", "smoke")
    assert len(caught.value.problems) == 3


def test_missing_files(workspace: Workspace):
    (workspace.root / STUDY_FILE).unlink()
    with (
        workspace.inside(),
        pytest.raises(ConfigError, match=r"config/studies/synthetic\.yaml: no such file"),
    ):
        load_study("synthetic", "smoke")
    with (
        workspace.inside(),
        pytest.raises(ConfigError, match=r"elsewhere\.yaml: no such file.*Snakefile"),
    ):
        load_workflow_config(Path("elsewhere.yaml"))


def test_plugin_that_defines_another_study(workspace: Workspace):
    (workspace.root / STUDY_FILE).rename(workspace.root / "config/studies/renamed.yaml")
    with (
        workspace.inside(),
        pytest.raises(
            ConfigError,
            match="called renamed, but the plug-in synthetic defines the study 'synthetic'",
        ),
    ):
        load_study("renamed", "smoke")


def test_key_left_out_has_the_default_of_its_model(workspace: Workspace):
    (workspace.root / STUDY_FILE).write_text(
        f"plugin: {PLUGIN}\nentropy: '1'\npresets:\n"
        "  laptop: {sizes: [2], samples: 3, scale: 2.0}\n  paper: {sizes: [2], samples: 3}\n"
    )
    with workspace.inside():
        laptop, paper = (load_study("synthetic", name).settings for name in ("laptop", "paper"))
    assert (laptop.scale, paper.scale) == (2.0, 1.0)  # type: ignore[attr-defined]
    assert laptop.core == Settings()  # type: ignore[attr-defined]


def test_preset_that_the_study_does_not_have(workspace: Workspace):
    with (
        workspace.inside(),
        pytest.raises(ConfigError, match="there is no preset 'paper', only smoke"),
    ):
        load_study("synthetic", "paper")


def test_section_of_a_group_without_defaults_is_required(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    class Inner(Settings):
        width: int

    group = replace(STUDY.groups[0], settings=Inner)
    monkeypatch.setattr(f"{PLUGIN}.STUDY", replace(STUDY, groups=(group,)))
    with (
        workspace.inside(),
        pytest.raises(ConfigError, match=r"presets\.smoke\.core: Field required"),
    ):
        load_study("synthetic", "smoke")
    (workspace.root / STUDY_FILE).write_text(
        f"plugin: {PLUGIN}\nentropy: '1'\npresets:\n"
        "  smoke: {sizes: [2], samples: 3, core: {size: 7}}\n"
    )
    with (
        workspace.inside(),
        pytest.raises(
            ConfigError, match=r"presets\.smoke\.core\.size: unknown key; allowed: width"
        ),
    ):
        load_study("synthetic", "smoke")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-12", 1e-12),
        ("1E3", 1e3),
        ("-.5e-3", -0.5e-3),
        ("1.", 1.0),
        ("0100", 100),
        ("+7", 7),
        ("1:30", "1:30"),
        ("yes", "yes"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("true", True),
        ("~", None),
        ("2001-01-01", "2001-01-01"),
        ("'1e3'", "1e3"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(tmp_path: Path, text: str, value: Any):
    path = tmp_path / "x.yaml"
    path.write_text(f"key: {text}\n")
    read = read_yaml(path)["key"]
    assert (type(read), read) == (type(value), value)


def test_overrides_of_the_command_line(workspace: Workspace):
    with workspace.inside():
        config = load_workflow_config(overrides={"preset": "paper", "study": "synthetic"})
        assert (config.preset, config.study) == ("paper", "synthetic")
        assert load_workflow({"preset": "smoke"}, write=False).preset == "smoke"
    assert not (workspace.root / "results").exists()


def test_snakemake_may_override_only_what_its_jobs_can_know(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
):
    with workspace.inside(), pytest.raises(SystemExit) as caught:
        load_workflow({"chunk_seconds": 3.0}, write=True)
    assert caught.value.code == 2
    assert (
        "chunk_seconds: can only be set in config/config.yaml; `--config` takes preset, study, group"
        in capsys.readouterr().err
    )


def test_settings_are_immutable():
    with pytest.raises(ValueError, match="frozen"):
        STUDY.settings(sizes=(2,), samples=4).samples = 3  # type: ignore[call-arg, attr-defined]


def test_names_of_cells():
    assert (
        cell_name({"sites": 4, "ratio": 0.5, "model": "TL d=2/3", "open": True})
        == "sites-4_ratio-0.5_model-TL+d+2+3_open-True"
    )
    assert cell_name({"counts": (12, 24), "rates": (0.1, 0.5)}) == "counts-12x24_rates-0.1x0.5"
    assert cell_name({}) == "cell"


def cell(samples: int | None = None, **parameters: Any) -> Cell:
    return Cell(parameters=parameters, samples=samples)


def plan(*cells: Cell, **options: Any) -> StagePlan:
    return StagePlan(sample="values", cells=cells, **options)


def loaded_with(workspace: Workspace, *families: Family) -> LoadedStudy:
    """Return the synthetic study, whose group has the given families."""
    with workspace.inside():
        loaded = load_study("synthetic", "smoke")
    group = replace(STUDY.groups[0], families=lambda own, shared: families)
    return replace(loaded, study=replace(STUDY, groups=(group,)))


def family(name: str = "full", **stages: StagePlan) -> Family:
    return Family(
        name=name, title="", stages={Stage(stage): plan for stage, plan in stages.items()}
    )


UNSOUND = {
    "no upstream stage": (
        {"simulate": plan(cell(4, size=2), reads=(Stage.DATASET,))},
        "reads the stage dataset, which the family",
    ),
    "no upstream cell": (
        {
            "dataset": plan(cell(size=3)),
            "simulate": plan(cell(4, size=2), reads=(Stage.DATASET,)),
        },
        "cell size-2 must match exactly one deterministic cell of dataset, but matches 0",
    ),
    "two upstream cells": (
        {
            "dataset": plan(cell(size=2), cell(size=2, open=True)),
            "simulate": plan(cell(4, size=2, open=True), reads=(Stage.DATASET,)),
        },
        "but matches 2",
    ),
    "sampled upstream cell": (
        {
            "dataset": plan(cell(3, size=2)),
            "simulate": plan(cell(4, size=2), reads=(Stage.DATASET,)),
        },
        "but matches 1 sampled",
    ),
    "no samples": (
        {"simulate": plan(cell(0, size=2))},
        "cell size-2 wants 0 samples; at least 1",
    ),
    "names that collide": (
        {"simulate": plan(cell(1, name="a b"), cell(1, name="a+b"))},
        "name-a+b appears 2 times",
    ),
    "cells without a step": (
        {"simulate": StagePlan(summary="ratios", cells=(cell(1, size=2),))},
        "has cells, but names no module",
    ),
    "no step": ({"simulate": StagePlan()}, "names no module"),
}


@pytest.mark.parametrize("case", UNSOUND)
def test_unsound_families_are_refused(workspace: Workspace, case: str):
    stages, message = UNSOUND[case]
    with pytest.raises(ConfigError) as caught:
        requests(loaded_with(workspace, family(**stages)))
    assert message in str(caught.value)
    assert "synthetic.yaml: presets.smoke.core: family full, stage " in str(caught.value)


@pytest.mark.parametrize("name", ["Full", "a-b", "", "twice"])
def test_names_of_families(workspace: Workspace, name: str):
    with pytest.raises(ConfigError, match="unique lower-case identifiers"):
        requests(loaded_with(workspace, family(name), family(name)))


def test_missing_module_of_a_stage(workspace: Workspace):
    unsound = family(simulate=StagePlan(sample="nowhere", cells=(cell(1, size=2),)))
    with pytest.raises(ConfigError, match=r"there is no module synthetic\.core\.nowhere"):
        requests(loaded_with(workspace, unsound))


def test_error_of_a_plan_names_study_and_preset(workspace: Workspace):
    def fail(own: Settings, shared: Settings) -> tuple[Family, ...]:
        raise ValueError("sites=1: there is nothing to tell apart")

    loaded = loaded_with(workspace)
    group = replace(STUDY.groups[0], families=fail)
    with pytest.raises(ConfigError, match=r"synthetic\.yaml: presets\.smoke\.core: sites=1"):
        requests(replace(loaded, study=replace(STUDY, groups=(group,))))


# Schemas


def test_schemas_of_the_repository_do_not_drift(monkeypatch: pytest.MonkeyPatch):
    """Run ``make config`` after a change of a pydantic model."""
    monkeypatch.chdir(REPO)
    for path, content in schema_files().items():
        assert path.read_text() == content, (
            f"{path} is not what the models define: run `make config`"
        )


def test_every_preset_of_the_repository_is_there_and_valid():
    """One study has published runs that it can repeat."""
    for name, presets in (("fragmentation", SIZES), ("clifford", PRESETS)):
        assert tuple(load_studies(name, REPO / "config/config.yaml")) == presets


def test_schema_of_a_study_describes_every_preset():
    schema = study_config_model(STUDY).model_json_schema()
    assert set(schema["properties"]) == {"plugin", "entropy", "presets"}
    assert schema["additionalProperties"] is False


def test_study_file_lies_beside_the_configuration():
    assert study_file("clifford", Path("elsewhere/config.yaml")) == Path(
        "elsewhere/studies/clifford.yaml"
    )
