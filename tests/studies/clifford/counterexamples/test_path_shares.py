"""Shares of the leading path: against exact moments, and the derived one of the ring of CZ."""

import numpy as np
import pytest

from studies.clifford.exact_moments import second_moment
from studies.clifford.settings import context
from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.circuits.gates import FixedGate
from trainscape.studies.clifford.counterexamples import GROUP
from trainscape.studies.clifford.counterexamples.cases import MEASURED
from trainscape.studies.clifford.counterexamples.path_shares import case_problem, sample
from trainscape.studies.contract import Purpose, Stage
from trainscape.trainability.patch_laws import LAWS


def cell(case, qubits, **options):
    return context(
        GROUP, "counterexamples", Stage.GRADIENTS, {"case": case, "qubits": qubits}, **options
    )


@pytest.mark.parametrize("case", ["CX ring", "local string"])
def test_shares_bound_those_of_exact_moments(case):
    """All 4^n strings instead of the shortest paths: close, and never above."""
    one = cell(case, 4)
    data = sample(one, range(3))
    for index in range(3):
        rng = one.generator(Purpose.INSTANCE, index)
        bare = case_problem(case, 4, rng)
        rng.integers(len(bare.observable.terms))
        encoder = linear_clifford_encoder(bare, int(rng.integers(40)))
        patch = LAWS["D^-1/2"].patch(40)
        exact = second_moment(Problem(encoder.circuit, bare.observable), patch, encoder.parameter)
        leading = (1 - patch.flip_probability()) ** (len(encoder.cosines) + 1)
        one_law = data.sel(law="D^-1/2").isel(sample=index)
        share = 1 - float(one_law["left"] / one_law["moment"])
        assert leading / exact <= share + 1e-12
        assert share == pytest.approx(leading / exact, abs=0.06)


def test_a_ring_of_cz_has_order_two_and_many_pairs_of_flips():
    bare = case_problem("CZ ring", 5, np.random.default_rng(0))
    names = {gate.name for gate in bare.circuit.gates if isinstance(gate, FixedGate)}
    assert names == {"CZ"}
    data = sample(cell("CZ ring", 12), range(8)).sel(law="D^-1/3")
    assert (data["paths"].sel(sines=[0, 1]) == [1, 0]).all()
    # Two flips about Z at one of six qubits, in two of 13 layers, and fewer about Y.
    second = data["paths"].sel(sines=2)
    assert 0.8 * 468 < float(second.mean()) < 2.5 * 468
    p = LAWS["D^-1/3"].patch(312).flip_probability()
    left = data["left"].mean() / data["moment"].mean()
    assert 1 - float(left) < 1 / (1 + 468 * p**2)
    # A ring of CX has far fewer, but for a few instances.
    other = sample(cell("CX ring", 12), range(4)).sel(law="D^-1/3")
    assert float(other["paths"].sel(sines=2).median()) < 0.5 * float(second.median())


def test_paths_of_all_terms_leave_less():
    """Both are of the same instances, and that of one term is not enough."""
    narrow = [sample(cell(case, 4, angles=64), range(6)).sel(law="D^-1/2") for case in MEASURED]
    assert all((one["paths"] == -1).all() for one in narrow)
    one, every = (float(data["left"].mean() / data["moment"].mean()) for data in narrow)
    assert (narrow[0]["moment"] == narrow[1]["moment"]).all()
    assert every < 0.5 * one
