"""Gradients in patches around zero by state vectors, with and without the Clifford encoder.

A sample is one run of the published experiments: an instance (the circuit, the observable, term
and parameter k, each random where it can be) and one draw of the angles. The standard normal or
uniform numbers behind the angles are the same for all laws of the width, so that laws are compared
on equal draws. With the option ``published`` they are those of the published runs instead.
"""

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.encoders import linear_clifford_encoder
from trainscape.physics.pauli import PauliSum
from trainscape.simulators.pauli.single_path import SinglePathGradient
from trainscape.simulators.statevector.engine import Statevector
from trainscape.studies.clifford.instances import Instance, ansatz_circuit, draw_instance
from trainscape.studies.clifford.published_draws import trainability_draw
from trainscape.studies.contract import CellContext, Purpose
from trainscape.studies.kit.variables import Description, by_sample
from trainscape.trainability.patch_laws import LAWS, PUBLISHED_LAWS

__all__ = ["published_seed", "sample"]

LAWS_COMPARED = (
    *PUBLISHED_LAWS,
    "D^-2/5",
    "sqrt(ln D / D)",
    "uniform D^-1/2",
    "uniform sqrt(ln D / D)",
)

VARIABLES: dict[str, Description] = {
    "loss": (("encoder", "law"), "", ""),
    "derivative": (("encoder", "law"), "derivative by parameter k", "1/rad"),
    "norm": (("encoder", "law"), "norm of the gradient", "1/rad"),
    "path": (("law",), "single Pauli path of the encoded derivative", "1/rad"),
    "slope": ((), "encoded derivative by parameter k at angle zero", "1/rad"),
    "cosines": ((), "rotations A that anticommute with the path", ""),
}


def published_seed(ansatz: str, run: int) -> int:
    """Return the seed of a published run.

    By a slip in the public code all runs of all ansätze but the first have the seed 49.
    """
    return run if ansatz == "mhea" else 49


def _published_run(cell: CellContext, run: int) -> tuple[Instance, NDArray[np.float64]]:
    """Return the published instance and its angles.

    The random circuits are not among the published draws. Here all runs share one, as there.
    """
    ansatz, qubits = cell["ansatz"], cell["qubits"]
    seed = published_seed(ansatz, run)
    rng = np.random.Generator(np.random.PCG64DXSM(seed))
    circuit = ansatz_circuit(ansatz, cell["depth"], qubits, rng)
    draw = trainability_draw(qubits, circuit.num_parameters, seed)
    observable = PauliSum(((1.0, draw.observable),))
    encoder = linear_clifford_encoder(Problem(circuit, observable), draw.parameter)
    return Instance(circuit, observable, encoder), draw.angles


def _run(cell: CellContext, index: int) -> tuple[Instance, NDArray[np.float64]]:
    """Return an instance and its angles, one row for each law."""
    if cell.options["published"]:
        return _published_run(cell, index)
    instance = draw_instance(cell.parameters, cell.generator(Purpose.INSTANCE, index))
    d = instance.circuit.num_parameters
    rng = cell.generator(Purpose.PARAMETERS, index)
    standard = {"gaussian": rng.normal(size=d), "uniform": rng.uniform(-1.0, 1.0, d)}
    return instance, np.array(
        [LAWS[law].patch(d).size * standard[LAWS[law].kind] for law in LAWS_COMPARED]
    )


def _measured(instance: Instance, theta: NDArray[np.float64]) -> dict[str, Any]:
    """Return the values of one run; there is a path where the observable is one string."""
    k = instance.encoder.parameter
    both = [
        Statevector(problem).value_and_gradient(theta)
        for problem in (instance.bare, instance.encoded)
    ]
    path = np.full(len(theta), np.nan)
    if len(instance.observable.terms) == 1:
        path = SinglePathGradient(instance.encoded, k).gradient(theta)
    return {
        "loss": [value for value, _ in both],
        "derivative": [gradient[:, k] for _, gradient in both],
        "norm": [np.linalg.norm(gradient, axis=1) for _, gradient in both],
        "path": path,
        "slope": instance.encoder.gradient_at_zero,
        "cosines": len(instance.encoder.cosines),
    }


def sample(cell: CellContext, samples: range) -> xr.Dataset:
    """Return losses, derivatives by k and norms of the gradient, with and without the encoder."""
    laws = PUBLISHED_LAWS if cell.options["published"] else LAWS_COMPARED
    rows = [_measured(*_run(cell, index)) for index in samples]
    coordinates = {"encoder": ["none", "lce"], "law": list(laws)}
    return xr.Dataset(by_sample(rows, VARIABLES), coords=coordinates)
