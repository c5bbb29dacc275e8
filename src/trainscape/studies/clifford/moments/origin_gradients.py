"""The gradient at angle zero, with and without the linear Clifford encoder: exact.

A sample is one instance. Gradients come from Pauli propagation. Where the circuit is small enough
the encoder is also made for every parameter k in turn, and derivative, loss and the loss at
``t e_k`` are compared with what the construction promises, by state vectors.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import Instance, draw_instance
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import variable

__all__ = ["OBSERVABLES", "deviation_over_all_parameters", "sample"]

OBSERVABLES = ("random_pauli", "random_sum", "weighted_sum")

ANGLE = 0.7
"""t of the check of ``C(t e_k)``: no special angle."""


def deviation_over_all_parameters(instance: Instance) -> float:
    """Return the largest deviation of one string from what is promised, over all k.

    Promised are ``|g_k(0)| = 1``, ``C(0) = 0`` and ``C(t e_k) = g_k(0) sin t``.
    """
    worst = 0.0
    d = instance.circuit.num_parameters
    for k in range(d):
        encoder = linear_clifford_encoder(instance.bare, k)
        theta = np.zeros((2, d))
        theta[1, k] = ANGLE
        engine = Statevector(Problem(encoder.circuit, instance.observable))
        value, gradient = engine.value_and_gradient(theta)
        slope = gradient[0, k]
        sine = abs(value[1] - slope * math.sin(ANGLE))
        worst = max(worst, abs(abs(slope) - 1), abs(value[0]), sine)
    return worst


def _norms(instance: Instance, *, published: bool) -> tuple[float, float, float]:
    """Return the norms without and with the encoder, and the absolute encoded derivative by k."""
    zero = np.zeros((1, instance.circuit.num_parameters))
    observable = instance.observable
    if published:
        # A slip in the public code: one coefficient multiplies all terms.
        weight = abs(observable.terms[instance.encoder.term][0])
        observable = PauliSum(tuple((weight, string) for _, string in observable.terms))
    bare, encoded = (
        PauliPropagation(Problem(circuit, observable)).gradient(zero)[0]
        for circuit in (instance.circuit, instance.encoder.circuit)
    )
    slope = float(abs(encoded[instance.encoder.parameter]))
    return float(np.linalg.norm(bare)), float(np.linalg.norm(encoded)), slope


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the norms at zero, the encoded derivative, and the deviation over all parameters.

    The deviation is NaN where it was not computed.
    """
    norms = np.empty((len(samples), len(OBSERVABLES), 2))
    slopes = np.empty((len(samples), len(OBSERVABLES)))
    deviations = np.full(len(samples), np.nan)
    for row, index in enumerate(samples):
        rng = cell.generator(Purpose.INSTANCE, index)
        for column, observable in enumerate(OBSERVABLES):
            instance = draw_instance({**cell.parameters, "observable": observable}, rng)
            *norms[row, column], slopes[row, column] = _norms(
                instance, published=cell.options["published"] and observable == "weighted_sum"
            )
            if observable == "random_pauli" and cell["qubits"] <= cell.options["every_parameter"]:
                deviations[row] = deviation_over_all_parameters(instance)
    dimensions = ("sample", "observable", "encoder")
    slope = "absolute encoded derivative by parameter k at zero"
    promise = "largest deviation from the promised derivatives and losses, over all k"
    return xr.Dataset(
        {
            "norm": variable(dimensions, norms, "norm of the gradient at zero", "1/rad"),
            "slope": variable(dimensions[:2], slopes, slope, "1/rad"),
            "deviation": variable("sample", deviations, promise),
        },
        coords={"observable": list(OBSERVABLES), "encoder": ["none", "lce"]},
    )
