"""What the groups say for the atlas: common scales, costs, and claims that exist."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import trainscape.studies
from trainscape.studies.clifford.moments import atlas as patches
from trainscape.studies.contract import Stage
from trainscape.studies.fragmentation.models import atlas as models
from trainscape.studies.fragmentation.scaling import atlas as chains
from trainscape.studies.fragmentation.training import atlas as training
from trainscape.studies.hypergraph.variances import atlas as readouts
from trainscape.studies.kit.atlas import AtlasPoint
from trainscape.studies.kit.claims import claims_of
from trainscape.studies.kit.tables import to_dataset
from trainscape.studies.pruning.models import hamiltonian
from trainscape.studies.pruning.scaling import atlas as energies
from trainscape.studies.pruning.training import atlas as depths
from trainscape.testing.steps import StubResults
from trainscape.trainability.intervals import Estimate

ONE = Estimate(1.0, 0.1, 0.5, 2.0, 0.95, 10, "test")
TABLES: dict[tuple[str, Stage], list[dict[str, Any]]] = {
    ("tl_full", Stage.GRADIENTS): [
        {"site_dim": 2, "sites": 4, "top_sectors": 0, "second_moment": ONE}
    ],
    ("tl_top", Stage.GRADIENTS): [
        {"site_dim": 3, "sites": 4, "top_sectors": 2, "second_moment": ONE}
    ],
    ("hea_control", Stage.GRADIENTS): [{"qubits": 5, "layers": 10, "second_moment": ONE}],
    ("hea_local", Stage.GRADIENTS): [
        {"qubits": n, "layers": 2, "second_moment": ONE} for n in (4, 40)
    ],
    ("models", Stage.DATASET): [
        {"model": name, "sites": 3, "hilbert_dimension": 8, "polynomial_krylov_sum": grows}
        for name, grows in (("xx", "no"), ("collective", "yes"), ("pxp", "undecided"))
    ],
    ("models", Stage.GRADIENTS): [
        {
            "model": name,
            "sites": 3,
            "sectors": 3,
            "krylov_dimension_sum": 5,
            "second_moment": ONE,
        }
        for name in ("xx", "collective", "pxp")
    ],
    ("models", Stage.SIMULATE): [
        {
            "model": "xx",
            "sites": 3,
            "couplings": "u0515",
            "restarts": 9,
            "critical": 11,
            "critical_low": 9,
            "critical_high": -1,
            "rank_formula": 10,
        }
    ],
    ("tl_training", Stage.THRESHOLDS): [
        {
            "site_dim": 2,
            "sites": 4,
            "top_sectors": top,
            "label": "lambda",
            "couplings": "u0515",
            "restarts": 9,
            "critical": -1,
            "critical_low": 9,
            "critical_high": -1,
            "rank_formula": 10,
        }
        for top in (0, 0, 2)
    ],
    ("walk", Stage.GRADIENTS): [
        {
            "ansatz": ansatz,
            "depth": "linear",
            "observable": observable,
            "qubits": 4,
            "encoder": encoder,
            "law": law,
            "parameters": 40,
            "gradient": ONE,
        }
        for ansatz in ("mhea", "fhea")
        for observable in ("random_pauli", "heisenberg")
        for encoder in ("none", "lce", "angles")
        for law in ("D^-1/2", "D^-1/3", "1")
    ],
    ("states", Stage.GRADIENTS): [
        {
            "model": "ising_ring",
            "stage": "A0",
            "qubits": 3,
            "layers": 5,
            "depth": 0.5,
            "moment": ONE,
        }
    ],
    ("covariances", Stage.GRADIENTS): [
        {"model": "ising_chain", "stage": "A2", "qubits": 6, "layers": n, "depth": n, "moment": ONE}
        for n in (1, 9)
    ],
    ("modes", Stage.GRADIENTS): [
        {"model": "ising_ring", "stage": "A3", "qubits": 8, "layers": 64, "depth": 1, "moment": ONE}
    ],
    ("training", Stage.THRESHOLDS): [
        {
            "model": "ising_ring",
            "qubits": 4,
            "stage": "A0",
            "restarts": 9,
            "parameters": Estimate(math.inf, math.nan, 54.0, math.inf, 0.95, 9, "test"),
            "rank": 30,
        }
    ],
    ("readouts", Stage.GRADIENTS): [
        {"readout": readout, "order": 3, "modes": 6, "variance": ONE}
        for readout in ("random", "small", "trained", "loss")
    ],
    ("circuits", Stage.GRADIENTS): [
        {"readout": "circuit", "order": 2, "modes": 4, "variance": ONE}
    ],
}
RESULTS = StubResults({key: to_dataset(rows) for key, rows in TABLES.items()})


def points(module: ModuleType) -> dict[str, AtlasPoint]:
    """Return the last point of each family of a group."""
    return {point.family: point for point in module.atlas(RESULTS).points}


def moments(module: ModuleType) -> dict[str, float]:
    found = points(module)
    return {name: point.moment.value for name, point in found.items() if point.moment}


def numbers(module: ModuleType) -> dict[str, tuple[float, str]]:
    found = module.atlas(RESULTS).points
    return {one.family: (one.way.numbers, one.way.growth) for one in found if one.way}


def atlas_modules() -> Iterator[str]:
    """Yield the atlas of every group that takes part."""
    package = trainscape.studies
    for study in pkgutil.iter_modules(package.__path__, "trainscape.studies."):
        if not study.ispkg or study.name.endswith(".kit"):
            continue
        for group in pkgutil.iter_modules(
            importlib.import_module(study.name).__path__, f"{study.name}."
        ):
            if group.ispkg:
                folder = importlib.import_module(group.name).__path__
                yield from (
                    f"{group.name}.atlas"
                    for one in pkgutil.iter_modules(folder)
                    if one.name == "atlas"
                )


@pytest.mark.parametrize("name", list(atlas_modules()))
def test_claims_of_points_are_claims_of_the_group(name: str):
    claims = importlib.import_module(f"{name.removesuffix('.atlas')}.claims")
    declared = {claim.id for claim in claims_of(claims)}
    named = {point.claim for point in importlib.import_module(name).atlas(RESULTS).points}
    assert named - {""} <= declared
    assert named != {""}


def test_probabilities_count_four_times():
    found = moments(chains)
    assert found["Temperley-Lieb chain, d = 2, all sectors"] == 4.0
    assert found["hardware-efficient, 2 n layers"] == 4.0
    # Its observable is a Pauli string.
    assert found["hardware-efficient, 2 layers, local"] == 1.0
    assert set(moments(models).values()) == {4.0}


def test_numbers_of_chains_are_those_of_their_sectors():
    """Four qubits have sectors of dimension 1, 3 and 2, and three labels need two qubits."""
    found = numbers(chains)
    assert found == {
        "Temperley-Lieb chain, d = 2, all sectors": (16 * (1 + 9 + 4), "exponential"),
        "Temperley-Lieb chain, d = 3, 2 sectors": (4 * (1 + 9), "power"),
        "hardware-efficient, 2 n layers": (64, "exponential"),
        "hardware-efficient, 2 layers, local": (128, "power"),
    }


def test_models_have_a_way_where_their_growth_is_decided():
    assert {growth for _, growth in numbers(models).values()} == {"power", "exponential"}
    assert len(numbers(models)) == 2
    assert {one for one, _ in numbers(models).values()} == {(5 * 4) ** 2}


def test_thresholds_that_were_not_reached_are_open():
    for module in (training, depths):
        threshold = next(iter(points(module).values())).threshold
        assert threshold is not None
        assert threshold.value == math.inf
        assert math.isfinite(threshold.low)
    reached = [one.threshold for one in models.atlas(RESULTS).points if one.threshold]
    assert [(one.value, one.low, one.high) for one in reached] == [(11.0, 9.0, math.inf)]
    assert len(training.atlas(RESULTS).points) == 2


def test_patches_of_one_string_are_drawn_and_others_listed():
    assert set(points(patches)) == {
        "mhea, linear depth, bare, patch D^-1/2",
        "mhea, linear depth, encoded, patch D^-1/2",
        "mhea, linear depth, encoded, patch D^-1/3",
        "fhea, linear depth, encoded, patch D^-1/2",
    }
    assert "heisenberg" in dict(patches.atlas(RESULTS).left_out)
    assert len(numbers(patches)) == 3


@pytest.mark.parametrize("model", ["ising_ring", "ising_chain"])
@pytest.mark.parametrize("qubits", [3, 4, 5, 6, 7])
def test_the_range_of_the_ising_model(model: Any, qubits: int):
    values = np.linalg.eigvalsh(hamiltonian(model, qubits).matrix())
    expected = (values[-1] - values[0]) / 2
    assert energies.ising_half_range(model, qubits) == pytest.approx(expected, rel=1e-12)


def test_energies_are_scaled_by_their_range_and_tied_parameters_by_their_gates():
    expected = {
        "Ising ring, dense": energies.ising_half_range("ising_ring", 3) ** -2,
        "Ising chain, terms of $H$": energies.ising_half_range("ising_chain", 6) ** -2,
        "Ising ring, pruned": (8 * energies.ising_half_range("ising_ring", 8)) ** -2,
    }
    assert moments(energies) == pytest.approx(expected)
    assert numbers(energies) == {
        "Ising ring, dense": (16, "exponential"),
        "Ising chain, terms of $H$": (144, "power"),
        "Ising ring, pruned": (12, "power"),
    }
    (shallow,) = energies.atlas(RESULTS).left_out
    assert "n = 6" in shallow[0]


def test_readouts_of_qumodes_have_no_common_scale():
    found = points(readouts)
    assert len(found) == 4
    assert [what for what, _ in readouts.atlas(RESULTS).left_out] == ["loss"]
    assert numbers(readouts)["qubit readout, k = 3, random angles"] == (10, "power")
