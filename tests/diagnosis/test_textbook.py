"""Circuits of which the textbooks know the answer."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from trainscape.circuits.ansatze.hamiltonian_variational import (
    chain_hamiltonian,
    hamiltonian_variational,
)
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.ansatze.identity_blocks import identity_blocks
from trainscape.circuits.ansatze.qaoa import maxcut, qaoa
from trainscape.circuits.circuit import Circuit, Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.circuits.gates import Evolution, FixedGate, Gate, PauliRotation
from trainscape.diagnosis.diagnose import diagnose
from trainscape.diagnosis.results import Diagnosis
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.training.initial_angles import identity_block_angles


def deep(n: int) -> Circuit:
    return hardware_efficient(n, 2 * n, "open", rotations="XYZ")


def shallow(n: int) -> Circuit:
    return hardware_efficient(n, 2, "open")


def matchgates(n: int, layers: int | None = None) -> Circuit:
    gates: list[Gate] = []
    for _ in range(2 * n if layers is None else layers):
        for qubit in range(n):
            gates.append(PauliRotation("Z", (qubit,), len(gates)))
        for qubit in range(n - 1):
            gates.append(PauliRotation("XX", (qubit, qubit + 1), len(gates)))
    return Circuit(n, len(gates), tuple(gates))


def equivariant(n: int) -> Circuit:
    gates: list[Gate] = []
    parameter = 0
    for _ in range(2 * n):
        for letters in ("X", "Z", "ZZ"):
            places = combinations(range(n), len(letters))
            gates += [PauliRotation(letters, place, parameter) for place in places]
            parameter += 1
    return Circuit(n, parameter, tuple(gates))


def bonds(n: int, anisotropy: float) -> Circuit:
    bond = PauliSum.of([(0.5, "XX"), (0.5, "YY"), (0.5 * anisotropy, "ZZ")])
    gates: list[Gate] = []
    for _ in range(2 * n):
        for qubit in range(n - 1):
            gates.append(Evolution(bond, (qubit, qubit + 1), len(gates)))
        if anisotropy != 1:
            for qubit in range(n):
                gates.append(PauliRotation("Z", (qubit,), len(gates)))
    return Circuit(n, len(gates), tuple(gates))


def iqp(n: int, pairs: list[tuple[int, int]]) -> Circuit:
    walls = tuple(FixedGate("H", (qubit,)) for qubit in range(n))
    middle: list[Gate] = [PauliRotation("Z", (qubit,), qubit) for qubit in range(n)]
    middle += [PauliRotation("ZZ", pair, n + index) for index, pair in enumerate(pairs)]
    return Circuit(n, len(middle), walls + tuple(middle) + walls)


def product_circuit(n: int) -> Circuit:
    return Circuit(n, n, tuple(PauliRotation("Y", (qubit,), qubit) for qubit in range(n)))


@cache
def result(case: str) -> Diagnosis:
    small, wide = (4, 5, 6, 7, 8), (4, 6, 8, 10)
    match case:
        case "deep, global":
            return diagnose(deep, "Z^n", sizes=small, budget=6)
        case "deep, local":
            return diagnose(deep, "Z0 Z1", sizes=small, budget=6)
        case "shallow, local":
            return diagnose(shallow, "Z0 Z1", sizes=(4, 6, 8, 10, 12), budget=6)
        case "shallow, global":
            return diagnose(shallow, "Z^n", sizes=wide, budget=6)
        case "matchgates":
            return diagnose(matchgates, "Z0", sizes=(3, 4, 5, 6, 7, 8), budget=8)
        case "TFIM":
            family = lambda n: hamiltonian_variational("TFIM", n, n)  # noqa: E731
            energy = lambda n: chain_hamiltonian("TFIM", n)  # noqa: E731
            return diagnose(family, energy, sizes=(4, 6, 8, 10), budget=6)
        case "equivariant":
            return diagnose(equivariant, "X0", sizes=(4, 5, 6, 7), budget=4)
        case "Temperley-Lieb":
            start = lambda n: (_flipped(bonds(n, 1.0)), PauliString.on(n, {0: "Z"}))  # noqa: E731
            return diagnose(_with_text(start), sizes=(4, 5, 6, 7, 8, 9), budget=8)
        case "XXZ sector":
            start = lambda n: (_flipped(bonds(n, 0.5)), PauliString.on(n, {0: "Z"}))  # noqa: E731
            return diagnose(_with_text(start), sizes=(4, 5, 6, 7, 8, 9), budget=8)
        case "QAOA, ring":
            return diagnose(
                lambda n: (qaoa(n, _ring(n), n), _mean_cut(n, _ring(n))),
                sizes=(4, 6, 8, 10, 12, 14),
                budget=8,
            )
        case "QAOA, random":
            return diagnose(
                lambda n: (qaoa(n, _regular(n), 3 * n), _mean_cut(n, _regular(n))),
                sizes=(4, 6, 8, 10, 12),
                budget=8,
            )
        case "product":
            return diagnose(product_circuit, "Z0", sizes=(2, 4, 6, 8, 10), budget=3)
        case "IQP, dense":
            return diagnose(
                lambda n: iqp(n, list(combinations(range(n), 2))), "Z0", sizes=small, budget=6
            )
        case "IQP, ring":
            return diagnose(lambda n: iqp(n, _ring(n)), "Z0", sizes=(4, 6, 8, 10), budget=6)
        case "100 qubits":
            return diagnose(hardware_efficient(100, 2, "open"), "Z49 Z50", budget=6)
    raise KeyError(case)


def _flipped(circuit: Circuit) -> Circuit:
    """Return the circuit with one magnon in front."""
    gates = (FixedGate("X", (0,)), *circuit.gates)
    return Circuit(circuit.num_qubits, circuit.num_parameters, gates)


def _with_text(function):
    def made(n: int) -> tuple[Circuit, PauliSum]:
        circuit, string = function(n)
        return circuit, PauliSum(((1.0, string),))

    return made


def _ring(n: int) -> list[tuple[int, int]]:
    return [(qubit, (qubit + 1) % n) for qubit in range(n)]


def _regular(n: int) -> list[tuple[int, int]]:
    return sorted(tuple(sorted(edge)) for edge in nx.random_regular_graph(3, n, seed=n).edges)


def _mean_cut(n: int, edges: list[tuple[int, int]]) -> PauliSum:
    cut = maxcut(n, edges)
    return PauliSum(tuple((weight / len(edges), string) for weight, string in cut.terms))


@pytest.mark.parametrize(
    "case", [pytest.param("deep, global", marks=pytest.mark.slow), "deep, local"]
)
def test_deep_circuits_have_barren_plateaus(case):
    found = result(case)
    assert found.gradients.verdict == "exponential"
    rate = found.gradients["exponential_rate"].value
    assert rate.value == pytest.approx(-math.log(2), abs=0.08)
    mean = found.gradients["all_angles"].value.value
    assert mean == pytest.approx(found.gradients["two_design"].value, rel=0.15)
    assert found.structure.verdict == "controllable"
    assert found.simulation.verdict == "hard for the methods here"
    assert any("encode" in one.action for one in found.suggestions)


def test_shallow_circuits_with_local_costs_have_none():
    found = result("shallow, local")
    assert found.gradients.verdict == "constant"
    assert found.simulation.verdict == "easy"


def test_shallow_circuits_with_global_costs_have_one():
    # Cerezo et al., Nature Communications 12, 1791 (2021).
    found = result("shallow, global")
    assert found.gradients.verdict == "exponential"
    assert any("local cost" in one.action for one in found.suggestions)


def test_matchgates_are_free_fermions():
    found = result("matchgates")
    assert found.structure.verdict == "free fermions"
    assert found.structure["lie_dimension"].value == 8 * 15
    assert found.gradients.verdict == "polynomial"
    assert found.simulation.verdict == "easy"
    ways = found.simulation.details["ways"]["100"]
    assert min(ways, key=lambda way: way["seconds"])["way"] == "Lie algebra"


def test_deep_matchgates_are_as_the_algebra_predicts():
    found = diagnose(matchgates(6, 30), "Z0", budget=6).gradients
    assert found["all_angles"].value.value == pytest.approx(found["predicted"].value, rel=0.1)


@pytest.mark.slow
def test_a_tied_ising_ansatz_is_overparameterised_and_polynomial():
    found = result("TFIM")
    assert found.gradients.verdict in ("constant", "growing", "polynomial")
    assert found.capacity.verdict == "overparameterised"


@pytest.mark.parametrize(
    ("layers", "verdict"), [(2, "underparameterised"), (8, "overparameterised")]
)
def test_over_and_under_parameterised(layers, verdict):
    circuit = hamiltonian_variational("TFIM", 6, layers)
    found = diagnose(circuit, chain_hamiltonian("TFIM", 6), train=True, budget=8).capacity
    assert found.verdict == verdict
    share = found["success"].value.value
    assert (share == 1.0) == (verdict == "overparameterised")


@pytest.mark.parametrize(
    "case",
    [
        "equivariant",
        pytest.param("Temperley-Lieb", marks=pytest.mark.slow),
        pytest.param("XXZ sector", marks=pytest.mark.slow),
        pytest.param("QAOA, ring", marks=pytest.mark.slow),
    ],
)
def test_small_sectors_have_no_barren_plateau(case):
    found = result(case)
    assert found.gradients.verdict in ("constant", "growing", "polynomial")
    if case in ("Temperley-Lieb", "XXZ sector"):
        assert found.structure.verdict == "symmetric"


@pytest.mark.slow
def test_qaoa_on_random_graphs_has_one():
    assert result("QAOA, random").gradients.verdict == "exponential"


def test_a_product_circuit_is_trainable_and_trivial():
    found = result("product")
    assert found.gradients.verdict == "constant"
    assert found.structure["entangling_capability"].value.value == pytest.approx(0, abs=1e-12)
    assert found.simulation.verdict == "easy"


def test_iqp_circuits_depend_on_their_degree():
    # E[g^2] of Z_0 is a product over the neighbours of qubit 0, each 1/2.
    assert result("IQP, dense").gradients.verdict == "exponential"
    assert result("IQP, ring").gradients.verdict == "constant"
    rate = result("IQP, dense").gradients["exponential_rate"].value.value
    assert rate < -0.5


def test_a_hundred_qubits_in_two_layers_are_a_light_cone():
    found = result("100 qubits")
    assert found.gradients.verdict == "visible"
    assert found.simulation.verdict == "easy at this size"
    assert found.gradients["dead_parameters"].value > 300


def test_a_clifford_circuit_has_nothing_to_train():
    gates = (FixedGate("H", (0,)), FixedGate("CX", (0, 1)), FixedGate("S", (1,)))
    found = diagnose(Circuit(40, 0, gates), PauliSum.parse("Z0 Z1", 40), budget=2)
    assert found.gradients.verdict == found.capacity.verdict == "no parameters"
    assert found.simulation.verdict == "easy at this size"
    assert not found.suggestions


def test_an_encoder_makes_the_patch_steep():
    circuit = hardware_efficient(8, 8, "ring", rotations="XYZ")
    problem = Problem(circuit, PauliSum.parse("Z" * 8))
    encoder = linear_clifford_encoder(problem, 40)
    bare = diagnose(circuit, "Z^n", budget=4)
    found = diagnose(encoder.circuit, "Z^n", budget=4)
    assert bare.gradients.verdict == "vanishing"
    rows = {
        one: found.gradients.details["parameters"][40][one]["value"] for one in ("patch", "point")
    }
    assert rows["point"] == pytest.approx(1.0)
    assert rows["patch"] > math.exp(-1)
    gain = next(one for one in bare.suggestions if "encode" in one.action)
    assert gain.measured.value == pytest.approx(gain.predicted, rel=0.1)


def test_identity_blocks_start_where_the_gradient_is():
    circuit, half = identity_blocks(8, 10)
    rng = np.random.default_rng(5)
    angles = identity_block_angles(circuit.num_parameters, half, rng)
    found = diagnose(circuit, "X0", angles=angles, patch=0.01, budget=6)
    assert found.gradients.verdict == "vanishing"
    assert "times larger" in found.gradients.reason
