"""Whole figures by plain scripts and by the workflow: same samples, same physics, fair counts."""

import ast
import importlib
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from benchmarks.scripts import figures, measuring, report
from benchmarks.scripts.both_ways import finished_samples, imports, measure
from benchmarks.scripts.comparing import Agreement, Value, agreement, scripted
from benchmarks.scripts.figures import FIGURES, code_lines, find, make_workspace

from workspace import REPO

BY_STUDY = {figure.study: figure for figure in FIGURES}
SMALL = {
    "fragmentation": {"INSTANCES": 1, "ITERATIONS": 2},
    "clifford": {"QUBITS": {2: 2}, "CROSS_QUBITS": {2: 2}},
    "pruning": {"SYSTEMS": [("dense", 3, 1), ("pruned", 4, 1)], "RUNS": 2, "STEPS": 10},
    "hypergraph": {
        "MODES": {2: [4], 3: [4]},
        "QUBITS": [4],
        "CIRCUITS": [2],
        "SAMPLES": 4,
        "PLATEAU_SAMPLES": 4,
        "CIRCUIT_SAMPLES": 2,
    },
}


def constants(path: Path) -> dict[str, object]:
    """The constants of a script, by name."""
    found: dict[str, object] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign):
            try:
                value = ast.literal_eval(node.value)
            except ValueError:
                continue
            target = node.targets[0]
            if isinstance(target, ast.Tuple):
                found |= dict(zip([name.id for name in target.elts], value, strict=True))
            else:
                found[target.id] = value
    return found


def smaller(figure: figures.Figure, **values: object) -> str:
    """The script with other constants, which must be there."""
    tree = ast.parse(figure.script.read_text())
    left = {**SMALL[figure.study], **values}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            name = ast.unparse(node.targets[0]).strip("()")
            if name in left:
                node.value = ast.parse(repr(left.pop(name)), mode="eval").body
            elif name.startswith("SAMPLES, PLATEAU"):
                names = name.split(", ")
                node.value = ast.parse(
                    repr(tuple(left.pop(one) for one in names)), mode="eval"
                ).body
            elif name.startswith("RUNS, STEPS"):
                old = ast.literal_eval(node.value)
                node.value = ast.parse(
                    repr((left.pop("RUNS"), left.pop("STEPS"), *old[2:])), mode="eval"
                ).body
            elif name.startswith("ITERATIONS"):
                old = ast.literal_eval(node.value)
                node.value = ast.parse(repr((left.pop("ITERATIONS"), *old[1:])), mode="eval").body
    assert not left
    return ast.unparse(tree)


def ran(study: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What the names of the small script stand for after it ran; its files lie in the folder."""
    monkeypatch.setattr(sys, "argv", ["script", str(folder)])
    importlib.import_module("matplotlib").use("agg")
    names: dict[str, object] = {"__name__": "script"}
    exec(compile(smaller(BY_STUDY[study]), study, "exec"), names)
    assert (folder / "figure.pdf").stat().st_size > 1000
    return names


def settings(study: str) -> dict[str, object]:
    (own,) = yaml.safe_load(BY_STUDY[study].settings.read_text()).values()
    return own


class Chosen:
    """A generator that draws the wanted letters of strings, and all else from one stream."""

    def __init__(self, *letters: str) -> None:
        self.letters = iter(letters)
        self.rng = np.random.default_rng(4)

    def choice(self, options: list[str], count: int) -> list[str]:
        return [next(self.letters)]

    def __getattr__(self, name: str) -> object:
        return getattr(self.rng, name)


def test_each_study_has_a_figure():
    studies = {path.stem for path in (REPO / "config/studies").glob("*.yaml")}
    assert set(BY_STUDY) == studies
    for figure in FIGURES:
        source = REPO / "src/trainscape/studies" / figure.study / figure.group / "figures.py"
        assert f"def {figure.name}(" in source.read_text()


def test_both_ways_have_the_same_samples():
    own, script = settings("fragmentation"), constants(BY_STUDY["fragmentation"].script)
    assert (own["sites"], own["ratio"]) == (script["SITES"], script["RATIO"])
    assert own["instances"] * own["restarts"] == script["INSTANCES"]
    assert own["iterations"] == script["ITERATIONS"]
    own, script = settings("clifford"), constants(BY_STUDY["clifford"].script)
    assert own == {"qubits": script["QUBITS"], "cross_qubits": script["CROSS_QUBITS"]}
    own, script = settings("pruning"), constants(BY_STUDY["pruning"].script)
    kinds = {"A0": "dense", "A3": "pruned"}
    systems = [(kinds[one["stage"]], one["qubits"], one["layers"]) for one in own["systems"]]
    assert systems == script["SYSTEMS"]
    assert own["steps"] == script["STEPS"]
    own, script = settings("hypergraph"), constants(BY_STUDY["hypergraph"].script)
    modes, qubits = script["MODES"], script["QUBITS"]
    pairs = {2: modes[2]}
    assert own["modes"] == {"nullifier": modes, "loss": pairs, "displacement": pairs}
    fewer = {2: qubits, 3: qubits[:9]}
    assert own["qubits"] == {"random": {2: qubits, 3: qubits}, "small": fewer, "trained": fewer}
    assert own["circuits"] == script["CIRCUITS"]


def test_defaults_that_the_scripts_repeat():
    from trainscape.studies.fragmentation.failures import FailureSettings
    from trainscape.studies.hypergraph.variances import VarianceSettings
    from trainscape.studies.pruning.losses import LossSettings

    script = constants(BY_STUDY["pruning"].script)
    for name, key in {
        "runs": "RUNS",
        "fraction": "FRACTION",
        "rate": "RATE",
        "offset": "OFFSET",
    }.items():
        assert LossSettings.model_fields[name].default == script[key]
    script = constants(BY_STUDY["hypergraph"].script)
    for name in ("samples", "plateau_samples", "circuit_samples", "squeezing", "shift", "layers"):
        assert VarianceSettings.model_fields[name].default == script[name.upper()]
    script = constants(BY_STUDY["fragmentation"].script)
    for name in ("few", "short", "target"):
        assert FailureSettings.model_fields[name].default == script[name.upper()]


def test_the_share_leaves_whole_numbers():
    counts = {
        "fragmentation": ("INSTANCES",),
        "pruning": ("RUNS",),
        "hypergraph": ("SAMPLES", "PLATEAU_SAMPLES", "CIRCUIT_SAMPLES"),
    }
    for study, names in counts.items():
        script = constants(BY_STUDY[study].script)
        assert all(math.isclose(script[name] * BY_STUDY[study].share % 1, 0) for name in names)
    script = constants(BY_STUDY["clifford"].script)
    draws = {*script["QUBITS"].values(), *script["CROSS_QUBITS"].values()}
    assert all(count * BY_STUDY["clifford"].share in range(2, 100) for count in draws)


def test_find():
    assert find([]) == list(FIGURES)
    assert find(["pruning"]) == [BY_STUDY["pruning"]]
    with pytest.raises(ValueError, match="no script for nothing"):
        find(["nothing"])


def test_the_workspace_changes_one_group(tmp_path):
    figure = BY_STUDY["clifford"]
    make_workspace(figure, tmp_path / "w")
    (preset,) = yaml.safe_load((tmp_path / "w/config/studies/clifford.yaml").read_text())[
        "presets"
    ].values()
    smoke = yaml.safe_load((REPO / "config/studies/clifford.yaml").read_text())["presets"]["smoke"]
    assert preset["baseline"] == settings("clifford") != smoke["baseline"]
    assert {**preset, "baseline": None} == {**smoke, "baseline": None}


def test_lines_and_imports(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("# a comment\na: 1\n\nb:\n  c: 2\n")
    assert code_lines(path) == 3
    script = tmp_path / "a.py"
    script.write_text('"""Text."""\nimport sys\nfrom os import path\nx = sys\n')
    assert code_lines(script) == 3
    assert imports(script) == "import sys\nfrom os import path"


def near(value: float, error: float) -> Value:
    return Value(value, value - 2 * error, value + 2 * error)


def test_agreement_of_means():
    ours = {"a": near(1.0, 0.1), "b": near(-1.0, 0.1), "alone": near(0.0, 1.0)}
    assert agreement(ours, {"a": near(1.25, 0.1), "b": near(-1.2, 0.1)}) == Agreement(2, 0)
    # Three errors of the difference apart, below zero, where no logarithm is taken.
    assert agreement(ours, {"b": near(-1.0 - 3 * math.sqrt(2) * 0.1, 0.1)}) == Agreement(1, 1)
    assert agreement(ours, {"a": near(2.0, 0.1)}).apart == 1
    exact = {"a": Value(0.5, 0.5, 0.5)}
    assert agreement(exact, exact) == Agreement(1, 0)
    assert agreement(exact, {"a": Value(0.6, 0.6, 0.6)}) == Agreement(1, 1)


def test_agreement_of_runs():
    rng = np.random.default_rng(1)
    one, same, other = (Value(0, 0, 0, tuple(rng.uniform(low, 1, 16))) for low in (0, 0, 0.7))
    assert agreement({"a": one}, {"a": same}).apart == 0
    assert agreement({"a": one}, {"a": other}).apart == 1
    # One run cannot be too far from any sixteen.
    assert agreement({"a": Value(0, 0, 0, (1e3,))}, {"a": other}) == Agreement(0, 0)
    # What counts as learnt is equal, whatever its digits.
    tiny = [Value(0, 0, 0, tuple(scale * rng.uniform(0, 1, 16))) for scale in (1e-12, 1e-16)]
    assert agreement({"a": tiny[0]}, {"a": tiny[1]}).apart == 0


def test_when_agreement_holds():
    assert not Agreement(0, 0).holds
    assert Agreement(100, 15).holds
    assert not Agreement(100, 16).holds
    assert Agreement(2, 1).holds


def test_a_command_is_measured_with_its_children(tmp_path):
    child = "import time; x = bytearray(80 * 2**20); time.sleep(1); open('late', 'w').close()"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"
    cost = measuring.run(
        [sys.executable, "-c", parent],
        tmp_path,
        environment=measuring.one_core(),
        log=tmp_path / "log",
    )
    # It outlived its parent, and was waited for.
    assert (tmp_path / "late").exists()
    assert cost.cpu > 0
    assert not cost.killed


def test_memory_is_that_of_all(tmp_path):
    # Each holds its memory before it burns the time at which both are killed.
    child = (
        "import os, sys, time; x = bytearray(80 * 2**20); open(sys.argv[1], 'w').close()\n"
        "while len(os.listdir('held')) < 2: time.sleep(0.01)\n"
        "while True: pass"
    )
    parent = (
        "import subprocess, sys\n"
        f"a = [subprocess.Popen([sys.executable, '-c', {child!r}, f'held/{{n}}']) for n in '12']\n"
        "for one in a: one.wait()"
    )
    (tmp_path / "held").mkdir()
    cost = measuring.run(
        [sys.executable, "-c", parent],
        tmp_path,
        environment=measuring.one_core(),
        log=tmp_path / "log",
        kill_at=2.0,
    )
    assert 160 * 2**20 < cost.memory < 400 * 2**20


def test_a_command_is_killed_with_its_children(tmp_path):
    child = "import time; time.sleep(600)"
    parent = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])\n"
        "while True: pass"
    )
    cost = measuring.run(
        [sys.executable, "-c", parent],
        tmp_path,
        environment=measuring.one_core(),
        log=tmp_path / "log",
        kill_at=0.2,
    )
    assert cost.killed


def test_a_command_that_fails(tmp_path):
    with pytest.raises(RuntimeError, match=r"(?s)ended with 3.*told"):
        measuring.run(
            [sys.executable, "-c", "print('told'); raise SystemExit(3)"],
            tmp_path,
            environment=measuring.one_core(),
            log=tmp_path / "log",
        )


def record(study: str, ratio: float, **more: object) -> dict[str, object]:
    cost = {"cpu": 10.0, "wall": 11.0, "memory": 2**28, "killed": False}
    return {
        "figure": BY_STUDY[study].stem,
        "gist": "a gist",
        "date": "2026-01-01",
        "machine": {"cpu": "some CPU"},
        "versions": {"trainscape": "1"},
        "workflow": cost,
        "workflow_lines": 3,
        "script": {**cost, "cpu": 100.0},
        "script_share": 0.25,
        "script_whole": {"cpu": 10.0 * ratio, "wall": 1.0},
        "script_lines": 90,
        "ratio": ratio,
        "compared": 20,
        "apart": 1,
        **more,
    }


def test_the_table():
    kills = {
        "workflow": {"killed": True, "kept": 0.5, "again": {"cpu": 7.0}, "same_table": True},
        "script": {"killed": True, "files": []},
    }
    text = report.markdown([record("pruning", 31.0, kills=kills), record("clifford", 19.0)])
    assert "missed** by clifford_random_strings" in text
    assert "pruning_loss_curves, " not in text.splitlines()[0]
    assert "310 (scaled from 0.25)" in text
    assert "19 of 20" in text
    assert "nothing kept | 50 % of samples kept, 7 s more" in text
    assert "not tried" in text
    assert "is met by all" in report.markdown([record("pruning", 20.0)])
    assert report.markdown([]) == "Not measured yet."


def test_records_are_kept_in_order(tmp_path):
    path = tmp_path / "new" / "figures.json"
    records = report.merge(report.merge([], record("pruning", 1.0)), record("fragmentation", 2.0))
    report.save(report.merge(records, record("pruning", 3.0)), path)
    assert [one["ratio"] for one in report.load(path)] == [2.0, 3.0]
    assert report.load(tmp_path / "none.json") == []


def test_the_page_has_the_marks(tmp_path):
    page = tmp_path / "page.md"
    page.write_text((REPO / "docs/benchmarks.md").read_text())
    report.update_page([record("pruning", 31.0)], page)
    text = page.read_text()
    assert text.count("a gist") == 1
    assert text.startswith("# Benchmarks")
    page.write_text("nothing")
    with pytest.raises(ValueError, match="lacks the marks"):
        report.update_page([], page)


@pytest.mark.slow
def test_the_script_of_the_energies(tmp_path, monkeypatch):
    from trainscape.studies.pruning.energies import layered_energy
    from trainscape.studies.pruning.models import ansatz, hamiltonian

    names = ran("pruning", tmp_path, monkeypatch)
    theta = np.random.default_rng(3).uniform(-3, 3, 24)
    for kind, stage, n in (("dense", "A0", 3), ("pruned", "A3", 4)):
        circuit, lowest, count = names["energy"](kind, n, 2)
        layer = ansatz("ising_ring", n, stage)
        assert count == 2 * len(layer)
        target = hamiltonian("ising_ring", n)
        engine = layered_energy(layer, "+" * n, 2, target)
        energies, gradients = engine(theta[None, :count])
        assert float(circuit(theta[:count])) == pytest.approx(energies[0], abs=1e-12)
        slopes = names["qml"].grad(circuit)(names["pnp"].array(theta[:count], requires_grad=True))
        np.testing.assert_allclose(slopes, gradients[0], atol=1e-12)
        assert lowest == pytest.approx(np.linalg.eigvalsh(target.matrix())[0])
    found = scripted(tmp_path / "numbers.csv")
    assert len(found) == 2 * 2 * 4
    assert all(len(value.runs) == 2 for value in found.values())


@pytest.mark.slow
def test_the_script_of_the_networks(tmp_path, monkeypatch):
    from trainscape.physics.temperley_lieb import path_generators
    from trainscape.simulators.sectors.engine import Sectors
    from trainscape.studies.fragmentation.network import (
        FragmentationQNN,
        Gate,
        Label,
        build_problem,
    )

    names = ran("fragmentation", tmp_path, monkeypatch)
    drawn = names["instance"]()
    rng = np.random.default_rng(2)
    times, theta = rng.uniform(0, 10, 6), rng.uniform(0, 12, 4)
    sectors = [list(path_generators(4, lines, 2)) for lines in (0, 2, 4)]
    for failure, gate in (("none", Gate.SUM), ("frozen_sector", Gate.PRODUCT)):
        qnn = FragmentationQNN(
            drawn["coefficients"], drawn["couplings"], drawn["ancilla"], drawn["vector"], 0.5, gate
        )
        problem = build_problem(qnn, sectors, label=Label.LAMBDA, times=times, allow_frozen=True)
        # Gate i = 1 of the network acts last, and the first angle of the script acts first.
        expected, slopes = Sectors(problem).value_and_gradient(theta[None, ::-1])
        losses = names["network"](drawn, failure, times)

        def mean(angles, losses=losses):
            return names["qml"].math.sum(losses(angles, range(6))) / 6

        assert float(mean(theta)) == pytest.approx(expected[0], abs=1e-10)
        gradient = names["qml"].grad(mean)(names["pnp"].array(theta, requires_grad=True))
        np.testing.assert_allclose(gradient, slopes[0, ::-1], atol=1e-10)


@pytest.mark.slow
def test_the_script_of_the_variances(tmp_path, monkeypatch):
    from trainscape.physics.hypergraph.variances import qubit_gradient

    names = ran("hypergraph", tmp_path, monkeypatch)
    for order, edges in ((2, 3), (3, 3)):
        names["rng"] = np.random.default_rng(5)
        found = names["check"]("random")(4, order, 3)
        angles = np.random.default_rng(5).uniform(-np.pi, np.pi, (3, edges))
        np.testing.assert_allclose(found, qubit_gradient(angles, 4, order), atol=1e-12)


@pytest.mark.slow
def test_the_script_of_the_strings(tmp_path, monkeypatch):
    names = ran("clifford", tmp_path, monkeypatch)
    found = scripted(tmp_path / "numbers.csv")
    for name, value in found.items():
        if name.endswith(", scaled"):
            assert 0 <= value.value <= 0.5 + 1e-12
    # At one qubit the three strings are all there are, and their mean is the exact one.
    rows = []
    for letter in "XYZ":
        names["rng"] = Chosen(letter, "Z")
        rows.append(names["measure"]("mhea", "shallow", 1))
    table = np.array(rows)
    np.testing.assert_allclose(table[:, :, 1].mean(axis=0), table[0, :, 0], atol=1e-12)


@pytest.mark.slow
def test_one_figure_in_both_ways(tmp_path):
    figure = BY_STUDY["hypergraph"]
    script = tmp_path / "script.py"
    sizes = {"SAMPLES": 256, "PLATEAU_SAMPLES": 256, "CIRCUIT_SAMPLES": 32}
    script.write_text(smaller(figure, MODES={2: [4, 6], 3: [6]}, QUBITS=[4, 6], **sizes))
    own = settings("hypergraph")
    for by_order in own["modes"].values():
        by_order.update({order: [4, 6] if order == 2 else [6] for order in by_order})
    for by_order in own["qubits"].values():
        by_order.update({order: [4, 6] for order in by_order})
    own |= {"circuits": [2, 4], "samples": 256, "plateau_samples": 256, "circuit_samples": 32}
    told: list[str] = []
    found = measure(
        figure,
        tmp_path / "run",
        share=1.0,
        kills=False,
        tell=told.append,
        script=script,
        settings={"variances": own},
    )
    assert found["agree"], json.dumps(found, indent=1)
    assert found["compared"] >= 13
    assert found["ratio"] > 0
    assert len(told) == 2
    assert finished_samples(tmp_path / "run/workflow") == found["samples"] > 1000
