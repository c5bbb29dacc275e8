"""The matrix-product engine: exact with a large bond dimension, and how it truncates."""

import math

import numpy as np
import pytest

from simulators.problems import fixed, problem, rotation
from trainscape.circuits.ansatze.hardware_efficient import hardware_efficient
from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.simulators.contract import Quantity
from trainscape.simulators.dense import Dense
from trainscape.simulators.mps import MatrixProductState
from trainscape.simulators.statevector.engine import Statevector
from trainscape.simulators.tensornet.engine import TensorNetwork, find_path


def chain(layers, n=40):
    return Problem(
        hardware_efficient(n, layers, "open"),
        PauliSum(((1.0, PauliString.on(n, {n // 2 - 1: "Z", n // 2: "Z"})),)),
    )


def angles(samples, case, seed=3):
    return np.random.default_rng(seed).uniform(
        -math.pi, math.pi, (samples, case.circuit.num_parameters)
    )


@pytest.mark.slow
@pytest.mark.parametrize(("layers", "bond"), [(4, 16), (6, 40)])
def test_bonds_measured_as_exact_on_a_chain_of_40_qubits_are(layers, bond):
    """Four layers put four gates across each cut, and 2^4 = 16."""
    case = chain(layers)
    theta = angles(3, case)
    engine = MatrixProductState(case, max_bond=bond)
    np.testing.assert_allclose(
        engine.value(theta), Statevector(case).value(theta), rtol=0, atol=1e-12
    )
    assert (engine.last_truncation.infidelity < 1e-13).all()
    assert (engine.last_truncation.bond <= min(bond, 2**layers)).all()
    exact = MatrixProductState(case)
    np.testing.assert_allclose(exact.value(theta), engine.value(theta), rtol=0, atol=1e-12)
    memory = MatrixProductState.cost(case, Quantity.VALUE, 1).bytes
    assert memory < MatrixProductState.cost(chain(layers + 1), Quantity.VALUE, 1).bytes < 2**30


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layers", "bond", "largest_error"),
    [(6, 16, 5e-7), (10, 128, 1e-11), (10, 32, 2e-5), (10, 8, 2e-2)],
)
def test_truncation_errors_on_a_chain_of_40_qubits_are_those_measured(layers, bond, largest_error):
    """Errors of the middle ``Z Z`` at uniform angles, as another circuit builder has measured."""
    case = chain(layers)
    theta = angles(3, case)
    engine = MatrixProductState(case, max_bond=bond)
    error = np.abs(
        engine.value(theta) - TensorNetwork(case, find_path(case, repeats=1)).value(theta)
    )
    assert error.max() < largest_error
    report = engine.last_truncation
    assert (error <= report.error_estimate + 1e-12).all()
    if bond < 128:
        assert error.max() > 1e-12
        assert (report.bond == bond).all()


@pytest.mark.parametrize("theta", [0.4, 1.2, 2.9])
def test_one_truncation_of_a_bell_pair(theta):
    """The state cos(t/2) |00> + sin(t/2) |11> loses its smaller part.

    The estimate is then the fidelity, and the error of XX is sin t.
    """
    case = problem(2, 1, [rotation("Y", 0), fixed("CX", 0, 1)], "XX + 0.5*ZZ")
    engine = MatrixProductState(case, max_bond=1)
    assert engine.value(np.array([[theta]]))[0] == pytest.approx(0.5, abs=1e-14)
    report = engine.last_truncation
    assert report.infidelity[0] == pytest.approx(
        min(math.cos(theta / 2) ** 2, math.sin(theta / 2) ** 2), abs=1e-14
    )
    assert report.norm == 1.5
    assert report.error_estimate[0] == pytest.approx(3 * math.sqrt(report.infidelity[0]), abs=1e-14)
    assert math.sin(theta) < report.error_estimate[0]
    assert MatrixProductState(case, max_bond=2).value(np.array([[theta]]))[0] == pytest.approx(
        0.5 + math.sin(theta), abs=1e-14
    )


def test_a_coarse_cutoff_truncates_too():
    case = problem(2, 1, [rotation("Y", 0), fixed("CX", 0, 1)], "XX")
    engine = MatrixProductState(case, cutoff=0.02)
    kept, dropped = engine.value(np.array([[0.5], [0.1]]))
    assert kept == pytest.approx(math.sin(0.5), abs=1e-14)
    assert dropped == pytest.approx(0, abs=1e-14)
    np.testing.assert_allclose(
        engine.last_truncation.infidelity, [0, math.sin(0.05) ** 2], rtol=0, atol=1e-14
    )


@pytest.mark.parametrize("n", [6, 50])
def test_a_wide_chain_of_low_entanglement(n):
    """A GHZ state needs two singular values at each cut. One shared angle changes its phase."""
    gates = [
        fixed("H", 0),
        *(fixed("CX", q, q + 1) for q in range(n - 1)),
        *(rotation("Z", q) for q in range(n)),
    ]
    case = problem(n, 1, gates, "X" * n)
    engine = MatrixProductState(case, max_bond=2)
    theta = np.array([[0.0], [0.01], [0.3]])
    np.testing.assert_allclose(engine.value(theta), np.cos(n * theta[:, 0]), rtol=0, atol=1e-12)
    assert (engine.last_truncation.bond == 2).all()
    if n == 6:
        np.testing.assert_allclose(
            engine.gradient(theta), -n * np.sin(n * theta), rtol=0, atol=1e-12
        )


def test_wide_and_distant_rotations_equal_the_dense_engine():
    n = 9
    gates = [rotation("Y", q, parameter=q % 3) for q in range(n)]
    gates += [
        rotation("XZYXZYXZ", 8, 1, 2, 7, 4, 5, 6, 0, parameter=1, scale=0.5),
        rotation("YX", 8, 0, parameter=2),
        fixed("CX", 7, 1),
    ]
    case = problem(n, 3, gates, "ZXIIYIIZZ - 0.5*IIIIXIIII")
    theta = angles(2, case)
    np.testing.assert_allclose(
        MatrixProductState(case).value(theta), Dense(case).value(theta), rtol=0, atol=1e-12
    )


def test_what_cannot_be_done_is_refused_with_a_reason():
    wide = problem(9, 1, [fixed("H", 0), rotation("Z" * 9, *range(9))], "XIIIIIIII")
    assert "rotation on 9" in MatrixProductState.supports(wide, Quantity.VALUE)
    with pytest.raises(ValueError, match="rotation on 9"):
        MatrixProductState(wide)
    case = chain(1, n=4)
    assert "hessian" in MatrixProductState.supports(case, Quantity.HESSIAN)
    with pytest.raises(ValueError, match="max_bond is 0"):
        MatrixProductState(case, max_bond=0)
    with pytest.raises(ValueError, match=r"cutoff 1\.5"):
        MatrixProductState(case, cutoff=1.5)


def test_the_report_is_that_of_the_values():
    case = chain(3, n=8)
    theta = angles(3, case)
    engine = MatrixProductState(case, max_bond=2)
    assert engine.last_truncation is None
    engine.value(theta)
    expected = engine.last_truncation
    engine.gradient(theta)
    np.testing.assert_array_equal(engine.last_truncation.infidelity, expected.infidelity)
    assert expected.infidelity.shape == expected.bond.shape == expected.error_estimate.shape == (3,)
