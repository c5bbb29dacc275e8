"""The landscape of a circuit at given or random angles, in one call each: for notebooks.

Each function takes a circuit of this package, Qiskit, PennyLane or quimb, chooses the engine with
the least estimated cost, and returns one object that prints and draws itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.io.python_inputs import import_circuit, import_problem
from trainscape.physics.pauli import PauliString, PauliSum
from trainscape.shown import Shown, one_panel
from trainscape.simulators.choice import choose_engine, engine_class
from trainscape.simulators.contract import Quantity
from trainscape.simulators.pauli.moments import Patch
from trainscape.simulators.statevector.engine import Statevector
from trainscape.trainability.angle_patches import angle_patch, patch_text
from trainscape.trainability.circuit_moments import MEMORY
from trainscape.trainability.curvature import stacked_qfim_rank
from trainscape.trainability.intervals import Estimate, positive_mean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Evaluation",
    "FisherRank",
    "GradientSamples",
    "evaluate",
    "fisher_rank",
    "gradients",
]

Real = NDArray[np.float64]

SHOWN = 20
"""Derivatives that are printed."""
BLOCK = 32
"""Draws of angles that an engine computes together."""
CLEAR_GAP = 1e3
"""Ratio of the last singular value that counts to the first that does not, in a clear rank."""


@dataclass(frozen=True, eq=False)
class Evaluation(Shown):
    """Value and gradient at given angles.

    Parameters
    ----------
    value
        Expectation value of the observable.
    gradient
        Its derivatives by all parameters, shape ``(P,)``.
    names
        Names of the parameters.
    engine
        The engine that computed it.
    """

    value: float
    gradient: Real
    names: tuple[str, ...]
    engine: str

    def __str__(self) -> str:
        lines = [f"value {self.value:.12g} ({self.engine})"]
        lines += [
            f"  d/d{name} {slope:+.12g}"
            for name, slope in zip(self.names[:SHOWN], self.gradient.tolist(), strict=False)
        ]
        if len(self.names) > SHOWN:
            norm = np.linalg.norm(self.gradient)
            lines.append(f"  ... {len(self.names)} derivatives, with norm {norm:.6g}")
        return "\n".join(lines)

    def plot(self) -> Figure:
        """Draw the derivatives by parameter."""
        figure, axes = one_panel()
        axes.axhline(0.0, color="0.7", lw=0.8)
        axes.plot(np.arange(len(self.gradient)), self.gradient, "o", ms=3)
        axes.set_xlabel("parameter k")
        axes.set_ylabel(r"$\partial C/\partial\theta_k$")
        return figure


@dataclass(frozen=True, eq=False)
class GradientSamples(Shown):
    """Gradients at random angles.

    Parameters
    ----------
    samples
        Derivatives, shape ``(S, P)``.
    patch
        Distribution of the angles.
    engine
        The engine that computed them.
    """

    samples: Real
    patch: Patch
    engine: str

    @property
    def norm(self) -> Estimate:
        """Mean of the squared norm of the gradient."""
        return positive_mean((self.samples**2).sum(axis=1))

    def __getitem__(self, parameter: int) -> Estimate:
        """Return the second moment of the derivative by a parameter."""
        return positive_mean(self.samples[:, parameter] ** 2)

    def __str__(self) -> str:
        draws, count = self.samples.shape
        return (
            f"E|grad C|^2 = {self.norm}, {count} derivatives at {draws} draws of angles, "
            f"{patch_text(self.patch)} ({self.engine})"
        )

    def plot(self) -> Figure:
        """Draw the distribution of the norm of the gradient."""
        figure, axes = one_panel()
        axes.hist(np.linalg.norm(self.samples, axis=1), bins="auto")
        axes.set_xlabel(r"$|\nabla C|$")
        axes.set_ylabel("draws of angles")
        return figure


@dataclass(frozen=True, eq=False)
class FisherRank(Shown):
    """Rank of the quantum Fisher information matrix at random angles.

    Parameters
    ----------
    ranks
        Rank at each draw of angles, shape ``(S,)``.
    parameters
        Number of parameters P, above which no rank can be.
    certain
        Whether all singular values were clear of the limit that tells zeros from others.
    """

    ranks: NDArray[np.int64]
    parameters: int
    certain: bool

    @property
    def value(self) -> int:
        """The largest rank: that of almost all angles."""
        return int(self.ranks.max())

    def __str__(self) -> str:
        return (
            f"rank {self.value} of {self.parameters} parameters, at {len(self.ranks)} draws of "
            "angles" + ("" if self.certain else "; singular values near the limit: not certain")
        )

    def plot(self) -> Figure:
        """Draw how often each rank was found."""
        figure, axes = one_panel()
        found, counts = np.unique(self.ranks, return_counts=True)
        axes.bar(found, counts)
        axes.set_xlabel("rank of the quantum Fisher information")
        axes.set_ylabel("draws of angles")
        return figure


def evaluate(circuit: Any, observable: Any = None, angles: ArrayLike | None = None) -> Evaluation:
    """Return the expectation value of an observable after a circuit, and its gradient.

    Parameters
    ----------
    circuit
        A `Circuit` or `ImportedCircuit`, or a circuit of Qiskit, PennyLane or quimb.
    observable
        A Pauli sum as text, a `PauliSum`, or an observable of Qiskit or PennyLane.
    angles
        Parameters in radians, shape ``(P,)``; those of the source where it has some.

    Raises
    ------
    ValueError
        If there are no angles, or as many as parameters are needed; or if no engine can compute it,
        with the reason for each.

    Examples
    --------
    >>> from trainscape.api import evaluate, read_openqasm
    >>> circuit = read_openqasm("OPENQASM 3.0; input float t; qubit[2] q; U(t, 0, 0) q[1];")
    >>> found = evaluate(circuit, "Z1", [0.0])
    >>> print(f"{found.value:.3f}", abs(found.gradient).round(3))
    1.000 [0.]
    """
    problem, imported = import_problem(circuit, observable=observable)
    chosen = imported.angles if angles is None else angles
    if chosen is None:
        raise ValueError(
            f"the circuit leaves its {len(imported.parameter_names)} angles open; pass them as "
            "angles=[...], in radians"
        )
    theta = problem.circuit.check_parameters(np.asarray(chosen, dtype=np.float64)[None])
    engine = choose_engine(problem, Quantity.GRADIENT, theta, MEMORY).engine
    values, slopes = engine_class(engine)(problem).value_and_gradient(theta)
    return Evaluation(float(values[0]), slopes[0], imported.parameter_names, engine)


def gradients(
    circuit: Any,
    observable: Any = None,
    *,
    sigma: float | None = None,
    uniform: bool = False,
    half_width: float | None = None,
    draws: int = 256,
    seed: int = 0,
) -> GradientSamples:
    """Return gradients at random angles, from the engine with the least estimated cost.

    Parameters
    ----------
    circuit, observable, sigma, uniform, half_width
        As for `trainscape.api.moments`, but for any gates.
    draws
        Number of draws of angles.
    seed
        Of the random stream.

    Raises
    ------
    ValueError
        If the angles are not told, or no engine can compute gradients, with the reason for each.

    Examples
    --------
    >>> from trainscape.api import gradients, hardware_efficient
    >>> gradients(hardware_efficient(4, 1, "ring"), "Z0", uniform=True).samples.shape
    (256, 8)
    """
    if draws < 1:
        raise ValueError(f"{draws} draws of angles give no gradient; give at least 1")
    problem, _ = import_problem(circuit, observable=observable)
    patch = angle_patch(sigma, uniform, half_width)
    rng = np.random.default_rng(seed)
    theta = patch.sample(rng, (draws, problem.circuit.num_parameters))
    name = choose_engine(problem, Quantity.GRADIENT, theta[:BLOCK], MEMORY).engine
    engine = engine_class(name)(problem)
    parts = [engine.gradient(theta[first : first + BLOCK]) for first in range(0, draws, BLOCK)]
    return GradientSamples(np.concatenate(parts), patch, name)


def fisher_rank(circuit: Any, *, draws: int = 3, seed: int = 0) -> FisherRank:
    """Return the rank of the quantum Fisher information at random angles on the circle.

    It is the number of directions in which the output state moves. A circuit with as many as the
    space allows is overparameterised (M. Larocca et al., Nature Computational Science 3, 542,
    2023).

    Parameters
    ----------
    circuit
        As for `evaluate`; the state is held whole, so that it has few qubits.
    draws
        Number of draws of angles: almost all have the largest rank.
    seed
        Of the random stream.

    Raises
    ------
    ValueError
        If the circuit has no parameters, or too many qubits.

    Examples
    --------
    >>> from trainscape.api import fisher_rank, hardware_efficient
    >>> print(fisher_rank(hardware_efficient(2, 3, "open")))
    rank 6 of 12 parameters, at 3 draws of angles
    """
    source = import_circuit(circuit).circuit
    if source.num_parameters == 0:
        raise ValueError("the circuit has no parameters, so that its state cannot move")
    if draws < 1:
        raise ValueError(f"{draws} draws of angles give no rank; give at least 1")
    # The rank is one of the state: any observable will do.
    problem = Problem(source, PauliSum(((1.0, PauliString("Z" * source.num_qubits)),)))
    reason = Statevector.supports(problem, Quantity.JACOBIAN)
    if reason is not None:
        raise ValueError(reason)
    engine = Statevector(problem)
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        theta = rng.uniform(-np.pi, np.pi, (1, source.num_parameters))
        found.append(stacked_qfim_rank(engine.jacobian(theta)[0], engine.state(theta)[0]))
    return FisherRank(
        np.array([one.rank for one in found]),
        source.num_parameters,
        all(one.rank == 0 or one.gap > CLEAR_GAP for one in found),
    )
