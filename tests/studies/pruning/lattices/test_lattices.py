"""Lattices, Heisenberg rings and complete graphs: counts, spaces, training, claims and figures."""

import numpy as np
import pytest
from pydantic import ValidationError

from trainscape.physics.effective_dimension import effective_dimension
from trainscape.physics.effective_subspace import effective_subspace
from trainscape.physics.orbit_subspace import orbit_subspace
from trainscape.pruning.compiler import prune
from trainscape.studies.contract import Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import to_dataset, to_frame
from trainscape.studies.pruning.lattices import GROUP, LatticeSettings, claims, figures, num_qubits
from trainscape.studies.pruning.lattices.pruned_spaces import dense_dimension
from trainscape.studies.pruning.lattices.systems import (
    dense_ansatz,
    lattice_hamiltonian,
    lattice_label,
)
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, run_group

SETTINGS = LatticeSettings.model_validate(
    {
        "systems": ("grid2x2", "grid2x3", "heisenberg6", "xxz4", "complete5"),
        "depths": (2, 5),
        "restarts": 4,
        "iterations": 150,
    }
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def test_names_and_sizes():
    assert [num_qubits(name) for name in ("grid3x4", "xxz8", "complete10")] == [12, 8, 10]
    assert num_qubits("torus4x4") == 16
    assert lattice_label("grid2x3") == "Ising, grid 2 x 3"
    assert lattice_label("torus3x4") == "Ising, torus 3 x 4"
    assert lattice_label("xxz6") == "XXZ, ring of 6"
    assert lattice_label("complete8") == "Ising, $K_{8}$"
    for wrong in ("grid4x4", "torus2x3", "heisenberg5", "ring6"):
        with pytest.raises(ValidationError, match="systems"):
            LatticeSettings.model_validate({"systems": (wrong,)})


def test_a_torus_is_a_grid_with_closed_rows_and_columns():
    """Every spin has four neighbours, and both ways to find its space agree."""
    target, dense = lattice_hamiltonian("torus3x3"), dense_ansatz("torus3x3")
    couplings = [string.support for _, string in target.terms if len(string.support) == 2]
    assert len(couplings) == 18
    assert all(sum(q in pair for pair in couplings) == 4 for q in range(9))
    pruned = prune(target, dense)
    totals = [block.total for block in pruned.layer]
    rng = np.random.default_rng(0)
    small = orbit_subspace(totals, pruned.start, rng, pruned.tying.generators)
    full = effective_subspace(totals, pruned.start, rng, pruned.tying.generators)
    assert small.dimension == full.dimension == 13
    for space in (small, full):
        assert space.floor(target, rng).contains_ground_state()


@pytest.mark.parametrize("system", ["grid2x3", "complete5", "heisenberg4"])
def test_dense_dimensions_by_the_algebra_and_by_elimination(system):
    dense = dense_ansatz(system)
    gates = [gate.generator for gate in dense.layers[0]]
    assert dense_dimension(gates, dense.start) == effective_dimension(gates, dense.start)


def test_hamiltonians_against_other_models():
    """A grid of 2 x 2 is a ring of four; Heisenberg and XXZ rings have published energies."""
    ring = lattice_hamiltonian("grid2x2").matrix()
    momenta = np.array([1, 3]) * np.pi / 4
    energy = -2 * np.sqrt(2 - 2 * np.cos(momenta)).sum()
    assert np.linalg.eigvalsh(ring)[0] == pytest.approx(energy)
    for name, energy in (("heisenberg6", -11.21110255), ("xxz6", -9.47213595)):
        values = np.linalg.eigvalsh(lattice_hamiltonian(name).matrix())
        assert values[0] == pytest.approx(energy, abs=1e-8)
    # A large spin: -(S_z^2 - n) / (2 (n - 1)) - S_x, in units of Pauli sums.
    n = 5
    spin = np.arange(n, -n - 1, -2)
    raising = np.sqrt(np.arange(1, n + 1) * np.arange(n, 0, -1))
    large = np.diag(-(spin**2 - n) / (2 * (n - 1))) - np.diag(raising, 1) - np.diag(raising, -1)
    whole = np.linalg.eigvalsh(lattice_hamiltonian("complete5").matrix())
    assert np.linalg.eigvalsh(large)[0] == pytest.approx(whole[0])


def test_dense_ansatze():
    assert len(dense_ansatz("grid2x3").layers[0]) == 15 + 18
    rings = dense_ansatz("heisenberg6")
    assert (len(rings.layers[0]), rings.start) == (3 * 15, "010101")


def test_counts_and_spaces(results):
    table = to_frame(results.summary("lattices", Stage.SIMULATE)).drop_duplicates("system")
    columns = ["qubits", "dense_gates", "gates", "parameters", "dense_effective", "effective"]
    known = {
        "grid2x3": (6, 33, 13, 5, 64, 14),
        "heisenberg6": (6, 45, 18, 4, 32, 8),
        "complete5": (5, 25, 15, 2, 32, 3),
    }
    found = table.set_index("system")[columns]
    for name, numbers in known.items():
        assert tuple(found.loc[name]) == numbers


def test_energies_end_at_what_the_weights_in_irreps_allow(results):
    """The Ising models come to their ground states, the Neel states no lower than the mean."""
    table = to_frame(results.summary("lattices", Stage.SIMULATE)).set_index(["system", "layers"])
    for name in ("grid2x2", "grid2x3", "complete5"):
        assert table.loc[(name, 5), "gap"] < 1e-9
        assert table.loc[(name, 5), "best"] < 0.01
    for name in ("heisenberg6", "xxz4"):
        row = table.loc[(name, 5)]
        assert row["gap"] > 0.5
        floor = row["gap"] / abs(row["ground"])
        assert floor - 1e-9 < row["best"] < floor + 0.01
        assert row["above"] == pytest.approx(max(row["best"] - floor, 0.0), abs=1e-9)


def verdicts(results: StubResults) -> dict[str, str]:
    return {record["id"]: record["verdict"] for record in judge_claims(claims_of(claims), results)}


def test_few_systems_decide_nothing(results):
    assert set(verdicts(results).values()) == {"undecided"}


def made(**changes):
    rows = [
        {
            "system": f"grid2x{n}",
            "layers": layers,
            "qubits": 2 * n,
            "dense_gates": 40,
            "gates": 20,
            "parameters": 5,
            "dense_effective": 64,
            "effective": 14,
            "ground": -8.0,
            "gap": 0.0,
            "restarts": 8,
            "best": 0.2 / layers**2,
            "above": 0.2 / layers**2,
        }
        | (changes if n == 4 else {})
        for n in range(2, 10)
        for layers in (2, 6)
    ]
    return StubResults({("lattices", Stage.SIMULATE): to_dataset(rows, ("system", "layers"))})


def test_verdicts():
    assert set(verdicts(made()).values()) == {"reproduced"}
    for change, wrong in (
        ({"effective": 64}, "lattice-dimension"),
        ({"gates": 40}, "lattice-gates"),
        ({"parameters": 20}, "lattice-gates"),
        ({"gap": 0.1}, "lattice-floor"),
        ({"best": 0.02}, "lattice-energy"),
        ({"above": 0.02}, "lattice-training"),
    ):
        found = verdicts(made(**change))
        assert [name for name, verdict in found.items() if verdict != "reproduced"] == [wrong]
        assert found[wrong] == "not reproduced"


def test_figures(results):
    with style():
        check_plot(figures.lattice_energies(results))
    table = figures.lattice_counts(results).table
    assert table["system"].tolist()[-1] == "Ising, K5"
    assert len(table) == 5
