"""The gradient at angle zero, with and without the linear Clifford encoder: exact.

A sample is one instance. Gradients come from Pauli propagation. Where the circuit is small enough
the encoder is also made for every parameter k in turn, and compared with what it promises.
"""

import math
from typing import Any

import numpy as np
import xarray as xr

from trainscape.circuits.circuit import Problem
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.studies.clifford.instances import Instance, draw_instance
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.encoder_checks import encoder_deviation

__all__ = ["OBSERVABLES", "sample"]

OBSERVABLES = ("random_pauli", "random_sum", "weighted_sum")

VARIABLES: dict[str, Description] = {
    "norm": (("observable", "encoder"), "norm of the gradient at zero", "1/rad"),
    "slope": (("observable",), "absolute encoded derivative by parameter k at zero", "1/rad"),
    "deviation": ((), "largest deviation from the promised derivatives and losses, over all k", ""),
}


def _norms(instance: Instance, *, published: bool) -> tuple[list[float], float]:
    """Return the norms without and with the encoder, and the absolute encoded derivative by k."""
    zero = np.zeros((1, instance.circuit.num_parameters))
    observable = instance.observable
    if published:
        # A slip in the public code: one coefficient multiplies all terms.
        weight = abs(observable.terms[instance.encoder.term][0])
        observable = PauliSum(tuple((weight, string) for _, string in observable.terms))
    both = [
        PauliPropagation(Problem(circuit, observable)).gradient(zero)[0]
        for circuit in (instance.circuit, instance.encoder.circuit)
    ]
    slope = abs(both[1][instance.encoder.parameter])
    return [float(np.linalg.norm(gradient)) for gradient in both], float(slope)


def _at_zero(cell: CellContext, index: int) -> dict[str, Any]:
    """Return the values of one instance; the deviation is NaN where it was not computed."""
    rng = cell.generator(Purpose.INSTANCE, index)
    found, deviation = [], math.nan
    for name in OBSERVABLES:
        instance = draw_instance({**cell.parameters, "observable": name}, rng)
        published = cell.options["published"] and name == "weighted_sum"
        found.append(_norms(instance, published=published))
        if name == "random_pauli" and cell["qubits"] <= cell.options["every_parameter"]:
            deviation = encoder_deviation(instance.bare)
    norms, slopes = zip(*found, strict=True)
    return {"norm": norms, "slope": slopes, "deviation": deviation}


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return the norms at zero, the encoded derivative, and the deviation over all parameters."""
    rows = [_at_zero(cell, index) for index in samples]
    coordinates = {"observable": list(OBSERVABLES), "encoder": ["none", "lce"]}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
