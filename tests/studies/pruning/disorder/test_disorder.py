"""Approximate symmetries and wrong sectors: rings, floors, tolerances, claims and figures."""

import numpy as np
import pytest

from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.studies.contract import Purpose, Stage
from trainscape.studies.kit.claims import claims_of, judge_claims
from trainscape.studies.kit.style import style
from trainscape.studies.kit.tables import select, to_dataset, to_frame
from trainscape.studies.pruning.disorder import GROUP, DisorderSettings, claims, figures
from trainscape.studies.pruning.disorder.random_floors import sample as floors_of
from trainscape.studies.pruning.disorder.rings import (
    base_ring,
    perturbation,
    pruned_ring,
    with_disorder,
)
from trainscape.testing.figures import check_plot
from trainscape.testing.steps import StubResults, cell_context, family_of, run_group
from trainscape.trainability.intervals import Estimate, exact

SETTINGS = DisorderSettings.model_validate(
    {
        "qubits": 4,
        "sizes": [0.02, 0.1, 0.2],
        "instances": 6,
        "tolerances": [0.0, 0.4],
        "rings": 3,
        "sectors": [3, 4],
    }
)


@pytest.fixture(scope="module")
def results() -> StubResults:
    return run_group(GROUP, SETTINGS)


def test_disorder_multiplies_terms():
    """Ring bonds and fields are -1, the odd bond of the frustrated ring 1."""
    draws = [0.5, -0.5, 0.25, 1.0]
    ring = with_disorder(base_ring("frustrated", 4), perturbation("frustrated", 4, draws), 0.2)
    weights = {string.label: weight for weight, string in ring.terms}
    bonds = [weights[label] for label in ("ZZII", "IZZI", "IIZZ", "ZIIZ")]
    assert bonds == pytest.approx([-1.1, -0.9, -1.05, 1.2])
    fields = with_disorder(base_ring("fields", 4), perturbation("fields", 4, draws), 0.2)
    weights = {string.label: weight for weight, string in fields.terms}
    assert [weights[label] for label in ("XIII", "IXII", "IIXI", "IIIX")] == pytest.approx(
        [-1.1, -0.9, -1.05, -1.2]
    )
    tilt = perturbation("tilt", 4, draws)
    assert {s.label: w for w, s in tilt.terms} == pytest.approx(
        {"ZIII": -0.5, "IZII": 0.5, "IIZI": -0.25, "IIIZ": -1.0}
    )


def test_the_clean_ring_has_two_parameters_and_the_frustrated_one_its_reflection():
    assert pruned_ring(base_ring("couplings", 6)).num_parameters == 2
    # A reflection through the odd bond: bonds 1 + 2 + 2 + 1, fields 2 + 2 + 2.
    assert pruned_ring(base_ring("frustrated", 6)).num_parameters == 7


def test_floors_by_the_lowest_energy_of_symmetric_states():
    """In the sector of the ring, translations and parity, by projection with their matrices.

    For four spins the reached space has dimension 4, that of all symmetric even states.
    """
    family = family_of(GROUP, "floors", SETTINGS)
    cell = cell_context(family, Stage.SIMULATE, {"kind": "couplings", "qubits": 4})
    data = floors_of(cell, range(2))
    states = np.arange(16)
    shift = np.zeros((16, 16))
    shift[(states << 1 | states >> 3) & 15, states] = 1
    mirror = np.zeros((16, 16))
    mirror[[int(format(k, "04b")[::-1], 2) for k in states], states] = 1
    flip = PauliString("XXXX").matrix().real
    group = sum(np.linalg.matrix_power(shift, k) for k in range(4)) / 4
    projector = group @ (np.eye(16) + mirror) / 2 @ (np.eye(16) + flip) / 2
    vectors, values, _ = np.linalg.svd(projector)
    basis = vectors[:, values > 0.5]
    assert basis.shape[1] == 4
    for index in range(2):
        draws = cell.generator(Purpose.INSTANCE, index).uniform(-1, 1, 4)
        for place, size in enumerate(SETTINGS.sizes):
            ring = PauliSum.of(
                [
                    (-1 - size * r, label)
                    for r, label in zip(draws, ("ZZII", "IZZI", "IIZZ", "ZIIZ"), strict=True)
                ]
                + [(-1.0, label) for label in ("XIII", "IXII", "IIXI", "IIIX")]
            ).matrix()
            lowest = np.linalg.eigvalsh(basis.T @ ring @ basis)[0]
            expected = lowest - np.linalg.eigvalsh(ring)[0]
            assert data["floor"].values[index, place] == pytest.approx(expected, abs=1e-10)


def test_second_order(results):
    table = select(to_frame(results.summary("floors", Stage.SIMULATE)), size=0.02)
    assert len(table) == 4
    assert table["over_law"].to_numpy() == pytest.approx(1, abs=0.05)
    assert (table["clean"] < 1e-10).all()


def test_tolerances(results):
    table = to_frame(results.summary("tolerances", Stage.SIMULATE))
    assert table["parameters"].tolist() == [8, 2]
    assert abs(table["floor"].iloc[0]) < 1e-10
    assert table["floor"].iloc[1] > 1e-4


def test_sectors(results):
    """The ring is even; with fields turned round, the ground state of an odd ring is odd."""
    table = to_frame(results.summary("sectors", Stage.SIMULATE)).set_index(["qubits", "case"])
    assert len(table) == 18
    assert not table.loc[(4, "ring ++++"), "refused"]
    assert table.loc[(4, "ring -+++"), "refused"]
    assert not table.loc[(4, "ring --++"), "refused"]
    assert table.loc[(3, "turned +++"), "refused"]
    assert not table.loc[(3, "turned -++"), "refused"]
    assert not table.loc[(4, "turned ++++"), "refused"]


def judged(exponent=2.0, ratio=1.0, parameters=2.0, refuses=True):
    floors = [
        {
            "kind": kind,
            "qubits": 6,
            "size": size,
            "instances": 32,
            "floor": exact(size**2),
            "law": size**2,
            "over_law": exact(ratio),
            "exponent": Estimate(exponent, 0.01, exponent - 0.02, exponent + 0.02, 0.95, 32, "t"),
            "clean": 0.0,
        }
        for kind in ("couplings", "fields", "frustrated", "tilt")
        for size in (0.02, 0.1)
    ]
    tolerances = [
        {
            "qubits": 6,
            "size": 0.2,
            "tolerance": tolerance,
            "instances": 8,
            "floor": exact(0.01 if tolerance else 0.0),
            "parameters": exact(parameters if tolerance else 12.0),
        }
        for tolerance in (0.0, 0.4)
    ]
    sectors = [
        {
            "qubits": 4,
            "case": f"ring {number}",
            "refused": refuses and number % 2 == 0,
            "named": refuses and number % 2 == 0,
            "gap": 0.5 if number % 2 == 0 else 0.0,
        }
        for number in range(20)
    ]
    stub = StubResults(
        {
            ("floors", Stage.SIMULATE): to_dataset(floors, ("kind", "size")),
            ("tolerances", Stage.SIMULATE): to_dataset(tolerances, ("tolerance",)),
            ("sectors", Stage.SIMULATE): to_dataset(sectors, ("qubits", "case")),
        }
    )
    return {one["id"]: one["verdict"] for one in judge_claims(claims_of(claims), stub)}


def test_verdicts():
    assert judged() == dict.fromkeys(
        ("disorder-exponent", "disorder-second-order", "disorder-tolerance", "disorder-sectors"),
        "reproduced",
    )
    assert judged(exponent=1.0)["disorder-exponent"] == "not reproduced"
    assert judged(ratio=1.2)["disorder-second-order"] == "not reproduced"
    assert judged(parameters=3.0)["disorder-tolerance"] == "not reproduced"
    assert judged(refuses=False)["disorder-sectors"] == "undecided"


@pytest.mark.parametrize("name", ["disorder_floors", "disorder_tolerance"])
def test_figures(results, name):
    with style():
        check_plot(getattr(figures, name)(results))


def test_the_table_of_start_states(results):
    table = figures.start_sectors(results)
    assert len(table.table) == 18
    assert set(table.table["Hamiltonian"]) == set(figures.CASE_LABELS.values())
