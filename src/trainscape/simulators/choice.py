"""Chooses the engine for a circuit by estimated cost, so that equal problems get equal engines.

No engine is timed. The cost of the state vector follows from its qubits and gates, that of Pauli
propagation from the number of terms at the given angles, and that of the tensor network from a
contraction path. The search of a path itself takes seconds, and is done only if the other two would
take longer than that, or cannot be used; one that would take minutes only if the engine is asked
for by name. Circuits with noise go to the density engine, the only one that has it. Truncated and
approximate methods are never chosen: a value of `auto` is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from trainscape.circuits.circuit import Problem
from trainscape.circuits.lowering import lower, obstacle
from trainscape.circuits.noise import noise_obstacle
from trainscape.simulators.contract import Cost, Engine, Quantity
from trainscape.simulators.pauli.propagation import PauliPropagation
from trainscape.simulators.tensornet.default_paths import SearchEstimate, search_estimate

__all__ = ["ENGINES", "Candidate", "Choice", "NoEngineError", "choose_engine", "engine_class"]

ENGINES = {
    "statevector": "trainscape.simulators.statevector.engine:Statevector",
    "tensornet": "trainscape.simulators.tensornet.engine:TensorNetwork",
    "pauli": "trainscape.simulators.pauli.propagation:PauliPropagation",
    "density": "trainscape.simulators.density.engine:Density",
    "dense": "trainscape.simulators.dense:Dense",
}
"""Engines for circuits, by name."""

PATH_SEARCH_SECONDS = 1.0
"""Estimated time of the other engines above which a contraction path is searched."""
LONGEST_SEARCH_SECONDS = 60.0
"""Estimated time of a search above which it has to be asked for."""


class NoEngineError(ValueError):
    """No engine can compute the quantity within the memory limit."""


@dataclass(frozen=True)
class Candidate:
    """An engine that was considered.

    Parameters
    ----------
    engine
        Its name.
    cost
        Estimated cost, or None if the engine cannot compute the quantity.
    reason
        Why it cannot be used, or None if it can.
    """

    engine: str
    cost: Cost | None
    reason: str | None


@dataclass(frozen=True)
class Choice:
    """The engine with the least estimated time among those that fit into the memory.

    Parameters
    ----------
    engine
        Its name.
    cost
        Its estimated cost.
    candidates
        All engines that were considered.
    """

    engine: str
    cost: Cost
    candidates: tuple[Candidate, ...]


def engine_class(name: str) -> type[Engine]:
    """Return an engine by name; see `ENGINES`.

    Raises
    ------
    ValueError
        If there is no engine of that name.
    """
    if name not in ENGINES:
        raise ValueError(f"there is no engine {name!r}; the engines are {', '.join(ENGINES)}")
    module, _, attribute = ENGINES[name].partition(":")
    engine: type[Engine] = getattr(import_module(module), attribute)
    return engine


def choose_engine(
    problem: Problem,
    quantity: Quantity,
    theta: NDArray[np.float64],
    memory_limit: int,
    engine: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Choice:
    """Choose an engine, or check one.

    Parameters
    ----------
    problem
        Circuit, observable and inputs.
    quantity
        Quantity to compute.
    theta
        Parameters, shape ``(S, P)``.
    memory_limit
        Bytes that may be used.
    engine
        Name of the only engine to consider.
    progress
        Called with a line of text before a search that takes more than `PATH_SEARCH_SECONDS`.

    Raises
    ------
    NoEngineError
        If no engine can compute it within the memory limit; the message gives the reason for each.
    """
    candidates: list[Candidate] = []
    noise = noise_obstacle(problem.circuit.gates) is not None
    automatic = ("density",) if noise else ("statevector", "pauli", "tensornet")
    for name in (engine,) if engine else automatic:
        seconds = min(
            (one.cost.seconds for one in candidates if one.cost and one.reason is None),
            default=np.inf,
        )
        if name == "tensornet":
            search = search_estimate(problem) if obstacle(lower(problem).problem) is None else None
            if seconds <= max(PATH_SEARCH_SECONDS, 0.0 if search is None else search.seconds):
                continue
            if search is not None and engine is None and search.seconds > LONGEST_SEARCH_SECONDS:
                candidates.append(Candidate(name, None, _long_search(search)))
                continue
            if search is not None and progress and search.seconds > PATH_SEARCH_SECONDS:
                progress(f"{_networks(search)}: about {search.seconds:.0f} s")
        candidates.append(_candidate(name, problem, quantity, theta, memory_limit))
    fit = [
        (one.cost.seconds, one) for one in candidates if one.cost is not None and one.reason is None
    ]
    if not fit:
        reasons = "\n".join(f"  {one.engine}: {one.reason}" for one in candidates)
        raise NoEngineError(
            f"the {quantity.value} of this circuit ({problem.circuit.num_qubits} qubits, "
            f"{len(problem.circuit.gates)} gates) cannot be computed exactly here:\n"
            f"{reasons}\nRaise the memory limit, use fewer qubits or layers, or measure an "
            "observable on fewer qubits."
        )
    seconds, best = min(fit, key=lambda pair: pair[0])
    return Choice(best.engine, best.cost or Cost(seconds, 0), tuple(candidates))


def _networks(search: SearchEstimate) -> str:
    return (
        f"searching contraction paths of {search.networks} tensor networks with up to "
        f"{search.tensors} tensors"
    )


def _long_search(search: SearchEstimate) -> str:
    return (
        f"{_networks(search)} would take about {search.seconds / 60:.0f} min, and the contraction "
        "is likely to be out of reach; name this engine to try all the same"
    )


def _candidate(
    name: str, problem: Problem, quantity: Quantity, theta: NDArray[np.float64], memory_limit: int
) -> Candidate:
    kind = engine_class(name)
    reason = kind.supports(problem, quantity)
    if reason is not None:
        return Candidate(name, None, reason)
    # Only the number of Pauli terms depends on the angles.
    cost = (
        PauliPropagation.cost(problem, quantity, len(theta), theta)
        if kind is PauliPropagation
        else kind.cost(problem, quantity, len(theta))
    )
    if cost.bytes > memory_limit:
        reason = f"needs {_gib(cost.bytes)} of memory, more than the limit of {_gib(memory_limit)}"
    return Candidate(name, cost, reason)


def _gib(size: float) -> str:
    return f"{size / 2**30:.3g} GiB"
