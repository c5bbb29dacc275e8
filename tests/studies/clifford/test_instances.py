"""Sizes of circuits, observables, and the terms that can be encoded."""

import numpy as np
import pytest

from trainscape.circuits.ansatze.random_axis import rpqc
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.studies.clifford.instances import draw_instance, observable_sum
from trainscape.studies.clifford.plans import num_fixed_gates
from trainscape.studies.clifford.systems import num_parameters, system


def test_sizes_are_those_of_the_circuits():
    for ansatz in ("mhea", "fhea", "rpqc"):
        for depth in ("linear", "shallow"):
            instance = draw_instance(system(4, ansatz, depth), np.random.default_rng(0))
            circuit = instance.circuit
            assert num_parameters(ansatz, depth, 4) == circuit.num_parameters
            if ansatz != "rpqc":
                assert (
                    num_fixed_gates(ansatz, depth, 4) == len(circuit.gates) - circuit.num_parameters
                )
    # n coins for H, n for S, and n CX, in each layer.
    layers = [len(rpqc(6, 1, np.random.default_rng(seed)).gates) - 6 for seed in range(400)]
    assert np.mean(layers) == pytest.approx(
        num_fixed_gates("rpqc", "shallow", 6) / 5, abs=5 * np.std(layers) / 20
    )


@pytest.mark.parametrize(
    "name",
    [
        "random_pauli",
        "global_z",
        "heisenberg",
        "biased_heisenberg",
        "random_sum",
        "weighted_sum",
        "tfim",
    ],
)
def test_every_observable_can_be_encoded(name):
    instance = draw_instance(system(4, observable=name), np.random.default_rng(3))
    weight, _ = instance.observable.terms[instance.encoder.term]
    alone = linear_clifford_encoder(
        type(instance.bare)(
            instance.circuit,
            type(instance.observable)((instance.observable.terms[instance.encoder.term],)),
        ),
        instance.encoder.parameter,
    )
    assert abs(alone.gradient_at_zero) == pytest.approx(abs(weight))


def test_unknown_observable_is_refused():
    with pytest.raises(ValueError, match="no observable 'ising'"):
        observable_sum("ising", 4, np.random.default_rng(0))
