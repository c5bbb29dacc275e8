"""Bad input is refused before anything is computed or written, with file, key path, value and what is allowed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from synthetic_study import STUDY
from trainscape.pipeline.config import (
    PRESETS,
    WorkflowConfig,
    load_study,
    load_workflow_config,
    study_config_model,
    study_file,
)
from trainscape.pipeline.defaults import default_files
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.request import cell_name, requests
from trainscape.pipeline.workflow import load_workflow
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
        ("chunk_seconds", "true", "number"),
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
        ("presets", "mapping"),
    ),
    "preset that is no mapping": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: 5}}\n",
        ("presets.smoke", "mapping", "5"),
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
        ("presets.smoke.sizes.1", "true"),
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
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{sizes: [2, 2]}}}}\n",
        ("cell size-2", "2 times"),
    ),
    "too many cells": (
        STUDY_FILE,
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{sizes: {list(range(1, 202))}}}}}\n",
        ("201 cells", "at most 200", "stage simulate"),
    ),
}


def write_bad(workspace: Workspace, case: str) -> tuple[str, ...]:
    file, text, wanted = BAD[case]
    (workspace.root / file).write_bytes(text.encode(errors="surrogateescape"))
    return (file, *wanted) if case not in {"value twice", "too many cells"} else wanted


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
            match="called renamed, but the plug-in synthetic_study defines the study 'synthetic'",
        ),
    ):
        load_study("renamed", "smoke")


def test_key_left_out_has_the_default_of_its_preset(workspace: Workspace):
    (workspace.root / STUDY_FILE).write_text(
        f"plugin: {PLUGIN}\nentropy: '1'\npresets:\n  laptop:\n    scale: 2.0\n  paper:\n"
    )
    with workspace.inside():
        for preset in PRESETS:
            settings = load_study("synthetic", preset).settings
            expected = STUDY.presets[preset]
            assert settings == (
                expected.model_copy(update={"scale": 2.0}) if preset == "laptop" else expected
            )


def test_nested_key_left_out_has_the_default_of_its_preset_too(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    class Inner(Settings):
        depth: int = 1
        width: int

    class Outer(Settings):
        inner: Inner
        names: dict[str, int]

    preset = Outer(inner=Inner(depth=5, width=6), names={"a": 1})
    study = type(STUDY)(
        **{**vars(STUDY), "settings": Outer, "presets": dict.fromkeys(PRESETS, preset)}
    )
    monkeypatch.setattr(f"{PLUGIN}.STUDY", study)
    workspace_file = workspace.root / STUDY_FILE
    workspace_file.write_text(
        f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{inner: {{width: 7}}, names: {{b: 2}}}}}}\n"
    )
    with workspace.inside():
        # A nested model is merged; a mapping is one value.
        assert load_study("synthetic", "smoke").settings == Outer(
            inner=Inner(depth=5, width=7), names={"b": 2}
        )
        workspace_file.write_text(
            f"plugin: {PLUGIN}\nentropy: '1'\npresets: {{smoke: {{inner: {{size: 7}}}}}}\n"
        )
        with pytest.raises(
            ConfigError, match=r"presets\.smoke\.inner\.size: unknown key; allowed: depth, width"
        ):
            load_study("synthetic", "smoke")


def test_overrides_of_the_command_line(workspace: Workspace):
    with workspace.inside():
        config = load_workflow_config(overrides={"preset": "paper", "study": "synthetic"})
        assert (config.preset, config.study) == ("paper", "synthetic")
        assert load_workflow({"preset": "laptop"}, write=False).preset == "laptop"
    assert not (workspace.root / "results").exists()


def test_snakemake_may_override_only_what_its_jobs_can_know(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
):
    with workspace.inside(), pytest.raises(SystemExit) as caught:
        load_workflow({"chunk_seconds": 3.0}, write=True)
    assert caught.value.code == 2
    assert (
        "chunk_seconds: can only be set in config/config.yaml; `--config` takes preset and study"
        in capsys.readouterr().err
    )


def test_settings_are_immutable():
    with pytest.raises(ValueError, match="frozen"):
        STUDY.presets["smoke"].samples = 3  # type: ignore[attr-defined]


def test_names_of_cells():
    assert (
        cell_name({"sites": 4, "ratio": 0.5, "model": "TL d=2/3", "open": True})
        == "sites-4_ratio-0.5_model-TL+d+2+3_open-True"
    )
    assert cell_name({}) == "cell"


def families_of(**stages: StagePlan) -> Callable[[Any], tuple[Family, ...]]:
    family = Family("full", "", PLUGIN, {Stage(name): plan for name, plan in stages.items()})
    return lambda settings: (family,)


UNSOUND = {
    "no upstream stage": (
        families_of(simulate=StagePlan((Cell({"size": 2}, 4),), reads=(Stage.DATASET,))),
        "reads the stage dataset, which the family",
    ),
    "no upstream cell": (
        families_of(
            dataset=StagePlan((Cell({"size": 3}),)),
            simulate=StagePlan((Cell({"size": 2}, 4),), reads=(Stage.DATASET,)),
        ),
        "cell size-2 must match exactly one deterministic cell of dataset, but matches 0",
    ),
    "two upstream cells": (
        families_of(
            dataset=StagePlan((Cell({"size": 2}), Cell({"size": 2, "open": True}))),
            simulate=StagePlan((Cell({"size": 2, "open": True}, 4),), reads=(Stage.DATASET,)),
        ),
        "but matches 2",
    ),
    "sampled upstream cell": (
        families_of(
            dataset=StagePlan((Cell({"size": 2}, 3),)),
            simulate=StagePlan((Cell({"size": 2}, 4),), reads=(Stage.DATASET,)),
        ),
        "but matches 1 sampled",
    ),
    "no samples": (
        families_of(simulate=StagePlan((Cell({"size": 2}, 0),))),
        "cell size-2 wants 0 samples; at least 1",
    ),
    "no module": (families_of(figures=StagePlan((Cell({"size": 2}, 1),))), ""),
    "names that collide": (
        families_of(simulate=StagePlan((Cell({"name": "a b"}, 1), Cell({"name": "a+b"}, 1)))),
        "name-a+b appears 2 times",
    ),
}


@pytest.mark.parametrize("case", [case for case in UNSOUND if case != "no module"])
def test_unsound_families_are_refused(workspace: Workspace, case: str):
    families, message = UNSOUND[case]
    with workspace.inside():
        loaded = load_study("synthetic", "smoke")
    unsound = type(loaded)(
        **{**vars(loaded), "study": type(STUDY)(**{**vars(STUDY), "families": families})}
    )
    with pytest.raises(ConfigError) as caught:
        requests(unsound)
    assert message in str(caught.value)
    assert "study synthetic, preset smoke, family full" in str(caught.value)


@pytest.mark.parametrize("name", ["all", "Full", "a-b", "", "twice"])
def test_names_of_families(workspace: Workspace, name: str):
    family = Family(name, "", PLUGIN, {})
    with workspace.inside():
        loaded = load_study("synthetic", "smoke")
    unsound = type(loaded)(
        **{
            **vars(loaded),
            "study": type(STUDY)(**{**vars(STUDY), "families": lambda settings: (family, family)}),
        }
    )
    with pytest.raises(ConfigError, match="unique lower-case identifiers"):
        requests(unsound)


def test_missing_module_of_a_stage(workspace: Workspace):
    with workspace.inside():
        loaded = load_study("synthetic", "smoke")
    family = Family(
        "full", "", "synthetic_study.nowhere", {Stage.SIMULATE: StagePlan((Cell({"size": 2}, 1),))}
    )
    unsound = type(loaded)(
        **{
            **vars(loaded),
            "study": type(STUDY)(**{**vars(STUDY), "families": lambda settings: (family,)}),
        }
    )
    with pytest.raises(ConfigError, match=r"there is no module synthetic_study\.nowhere\.simulate"):
        requests(unsound)


# Generated files


def test_generated_configuration_is_valid_and_stable(workspace: Workspace):
    with workspace.inside():
        files = default_files()
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        assert load_workflow_config() == WorkflowConfig(studies=("synthetic",))
        for preset in PRESETS:
            assert load_study("synthetic", preset).settings == STUDY.presets[preset]
        assert load_study("synthetic", "smoke").entropy == 12345
        assert default_files() == files
    assert {str(path) for path in files} == {
        WORKFLOW,
        STUDY_FILE,
        "workflow/schemas/config.schema.json",
        "workflow/schemas/synthetic.schema.json",
    }


def test_generated_configuration_says_what_each_key_is(workspace: Workspace):
    with workspace.inside():
        files = {str(path): content for path, content in default_files().items()}
    words = " ".join(
        line.strip("# ") for line in files[WORKFLOW].splitlines() if line.startswith("#")
    )
    for info in WorkflowConfig.model_fields.values():
        assert info.description is not None
        assert info.description in words
    assert yaml.safe_load(files[STUDY_FILE])["presets"]["paper"] == {
        "sizes": [2, 3, 4],
        "samples": 800,
        "scale": 1.0,
        "tolerance": 0.001,
    }
    assert "# A physical parameter of the dataset." in files[STUDY_FILE]


def test_generated_files_of_the_repository_do_not_drift(monkeypatch: pytest.MonkeyPatch):
    """Run ``make config`` after a change of a pydantic model."""
    monkeypatch.chdir(REPO)
    for path, content in default_files().items():
        assert path.read_text() == content, (
            f"{path} is not what the models define: run `make config`"
        )


def test_schema_of_a_study_describes_every_preset():
    schema = study_config_model(STUDY).model_json_schema()
    assert set(schema["properties"]) == {"plugin", "entropy", "presets"}
    assert schema["additionalProperties"] is False


def test_study_file_lies_beside_the_configuration():
    assert study_file("clifford", Path("elsewhere/config.yaml")) == Path(
        "elsewhere/studies/clifford.yaml"
    )
