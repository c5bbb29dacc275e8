"""Gradients at angle zero: what the encoder promises, and the published slip."""

import numpy as np
import pytest

from studies.clifford.settings import context
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import draw_instance
from trainscape.studies.clifford.moments import GROUP
from trainscape.studies.clifford.moments.origin_gradients import OBSERVABLES, sample
from trainscape.studies.contract import Purpose, Stage


def test_gradients_at_zero_keep_their_promise():
    cell = context(
        GROUP,
        "origin",
        Stage.GRADIENTS,
        {"ansatz": "rpqc", "depth": "shallow", "qubits": 3},
        every_parameter=3,
    )
    data = sample(cell, range(3))
    assert float(data["deviation"].max()) < 1e-12
    np.testing.assert_allclose(data["slope"].sel(observable="random_pauli"), 1.0)
    assert (data["norm"].sel(observable="random_pauli", encoder="lce") >= 1 - 1e-12).all()


def test_published_weighted_sums_have_one_weight():
    """All terms of the published weighted sum have the coefficient of one.

    Its gradient is that of the unweighted sum times it.
    """
    parameters = {"ansatz": "mhea", "depth": "linear", "qubits": 4}
    meant, slip = (
        sample(context(GROUP, "origin", Stage.GRADIENTS, parameters, published=published), range(4))
        for published in (False, True)
    )
    np.testing.assert_array_equal(
        meant["norm"].sel(observable="random_sum"), slip["norm"].sel(observable="random_sum")
    )
    cell = context(GROUP, "origin", Stage.GRADIENTS, parameters)
    for index in range(4):
        rng = cell.generator(Purpose.INSTANCE, index)
        for name in OBSERVABLES:
            instance = draw_instance({**parameters, "observable": name}, rng)
        weight = abs(instance.observable.terms[instance.encoder.term][0])
        even = type(instance.observable)(
            tuple((1.0, string) for _, string in instance.observable.terms)
        )
        zero = np.zeros((1, instance.circuit.num_parameters))
        norm = np.linalg.norm(
            Statevector(type(instance.bare)(instance.encoder.circuit, even)).gradient(zero)
        )
        found = float(slip["norm"].sel(observable="weighted_sum", encoder="lce")[index])
        assert found == pytest.approx(weight * norm, abs=1e-12)
