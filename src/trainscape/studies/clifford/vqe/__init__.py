"""Does a gradient that the linear Clifford encoder keeps alive at the start end in a lower loss?

Families:

``vqe``
    All observables, with and without encoder; other learning rates; and cheap alternatives to the
    encoder: its variant without gates, a search over Clifford points, Gaussian angles of the width
    that suits the locality, identity blocks, Adam, and a random walk with the same step lengths.
``vqe_shots``
    Loss and gradient from measurement outcomes.
``vqe_published``
    The published protocol, draw by draw.

All runs use the ansatz mHEA (EfficientSU2 with RY, RZ and circular CX).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from typing import Any, Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]

Observable = Literal["global_z", "heisenberg", "biased_heisenberg", "tfim", "random_pauli"]

Sizes = tuple[tuple[int, int], ...]

PATCHES = 4
RECORDED = 31
"""Patches of a start that has any, and greatest number of recorded points: for the costs only."""


class Runs(Settings):
    """Settings of training runs."""

    systems: dict[Observable, Sizes]
    """For each observable, pairs of qubits n and layers L."""
    restarts: int = Field(ge=1)
    """Restarts for each system; tests need at least 6."""
    iterations: int = Field(300, ge=1)
    """Iterations of each run."""
    rate: float = Field(0.01, gt=0)
    """Learning rate: a step is this times the gradient (for Adam, about this for each angle)."""


class Training(Runs):
    """Family vqe."""

    baselines: tuple[Observable, ...]
    """Observables on whose first system the encoder is compared with the alternatives to it."""
    rates: tuple[float, ...]
    """Further learning rates, for the first system of global_z."""


class Shots(Runs):
    """Family vqe_shots."""

    shots: tuple[int, ...]
    """Outcomes for each group of terms and setting of the angles; 0: exact."""


class Published(Settings):
    """Family vqe_published."""

    runs: int = Field(5, ge=1)
    """Runs of each experiment; five were published."""
    experiments: tuple[tuple[Observable, int, int, int, float], ...]
    """Observable, qubits n, layers L, iterations and learning rate of gradient descent."""
    rounding: bool = False
    """Repeat each descent from angles moved by 1e-13, to see which published digits rounding leaves
    open. Doubles the cost."""
    walks: tuple[tuple[int, int, int, float], ...]
    """Qubits n, layers L, iterations and learning rate of the comparison of descent on Z...Z with a
    random walk."""


class VQESettings(Settings):
    """Settings of the group."""

    training: Training
    shots: Shots
    published: Published


DESCENT = (("plain", "gd"), ("lce", "gd"))
ALTERNATIVES = (
    *((start, "gd") for start in ("angles", "clifford", "gaussian", "identity")),
    *((start, optimiser) for optimiser in ("adam", "walk") for start in ("plain", "lce")),
)
"""Starts and optimisers."""

SEEDS = {
    Purpose.INSTANCE: ("observable", "qubits"),
    Purpose.STRUCTURE: ("observable", "qubits", "layers"),
    Purpose.TRAINING: ("qubits", "layers"),
    Purpose.SHOTS: ("observable", "qubits", "layers", "rate", "shots"),
}
"""Start and optimiser are left out: what is compared has the same angles, encoders and outcomes."""


def _cost(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the estimated cost of one restart."""
    qubits, layers, start = (parameters[name] for name in ("qubits", "layers", "start"))
    count = 2 * qubits * (layers + 1)
    patches = 1 if start in ("gaussian", "identity") else PATCHES
    # One loss with gradient and the bookkeeping around it.
    step = 7e-5 + 8e-7 * count + 1.8e-9 * count * 2**qubits
    memory = 2**26 + 64 * 2**qubits
    if parameters["shots"]:
        bases = {"global_z": 1, "random_pauli": 1, "tfim": 2}.get(parameters["observable"], 3)
        step += 6e-7 * qubits * bases * count + 8e-9 * (2 + qubits * bases) * count * 2**qubits
        memory += 256 * count * 2**qubits
    evaluations = parameters["iterations"] * (2 if parameters["optimiser"] == "walk" else 1)
    seconds = patches * evaluations * step
    if start == "clifford":
        seconds += 9 * count * (5e-5 + 1e-6 * count)
    return {"seconds": seconds, "memory": memory, "disk": patches * RECORDED * 32}


def _cells(
    methods: Iterable[tuple[str, str]],
    samples: int,
    system: tuple[str, int, int],
    run: tuple[int, float],
    *,
    shots: int = 0,
    published: bool = False,
) -> list[Cell]:
    """Return one cell for each start and optimiser; `run` are iterations and learning rate."""
    cells = []
    for start, optimiser in methods:
        parameters: dict[str, Any] = {
            **dict(zip(("observable", "qubits", "layers"), system, strict=True)),
            "start": start,
            "optimiser": optimiser,
            **dict(zip(("iterations", "rate"), run, strict=True)),
            "shots": shots,
            "published": published,
        }
        cells.append(Cell(parameters=parameters, samples=samples, **_cost(parameters)))
    return cells


def _training_cells(own: Training) -> list[Cell]:
    cells, run = [], (own.iterations, own.rate)
    for observable, sizes in own.systems.items():
        for size in sizes:
            cells += _cells(DESCENT, own.restarts, (observable, *size), run)
        if observable in own.baselines:
            cells += _cells(ALTERNATIVES, own.restarts, (observable, *sizes[0]), run)
    for size in own.systems.get("global_z", ())[:1]:
        for rate in own.rates:
            cells += _cells(DESCENT, own.restarts, ("global_z", *size), (own.iterations, rate))
    return cells


def _shot_cells(own: Shots) -> list[Cell]:
    cells, run = [], (own.iterations, own.rate)
    for observable, sizes in own.systems.items():
        for size, shots in product(sizes, own.shots):
            cells += _cells(DESCENT, own.restarts, (observable, *size), run, shots=shots)
    return cells


def _published_cells(own: Published) -> list[Cell]:
    walk = (("lce", "gd"), ("plain", "walk"))
    runs: list[tuple[Any, ...]] = [(DESCENT, *experiment) for experiment in own.experiments]
    runs += [(walk, "global_z", *experiment) for experiment in own.walks]
    cells = []
    for methods, observable, qubits, layers, iterations, rate in runs:
        system, run = (observable, qubits, layers), (iterations, rate)
        cells += _cells(methods, own.runs, system, run, published=True)
    return [replace(cell, seconds=cell.seconds * (1 + own.rounding)) for cell in cells]


def _family(name: str, title: str, cells: list[Cell], *, rounding: bool = False) -> Family:
    problems = dict.fromkeys(
        (str(cell.parameters["observable"]), int(str(cell.parameters["qubits"]))) for cell in cells
    )
    energies = tuple(
        Cell(
            parameters={"observable": observable, "qubits": qubits},
            seconds=0.01 + 4e-6 * 2**qubits,
            memory=2**26 + 2**10 * 2**qubits,
            disk=8,
        )
        for observable, qubits in problems
    )
    stages = {
        Stage.DATASET: StagePlan(sample="ground_energies", cells=energies),
        Stage.THRESHOLDS: StagePlan(
            sample="training_runs",
            summary="comparisons",
            cells=tuple(cells),
            summary_reads=(Stage.DATASET,),
            block=1,
            options={"rounding": rounding},
        ),
    }
    return Family(name=name, title=title, stages=stages, seeds=SEEDS)


def families(own: VQESettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families of the group."""
    published, rounding = _published_cells(own.published), own.published.rounding
    return (
        _family("vqe", "training with and without the encoder", _training_cells(own.training)),
        _family("vqe_shots", "training from measurement outcomes", _shot_cells(own.shots)),
        _family("vqe_published", "training as published", published, rounding=rounding),
    )


GROUP = Group(
    package=__name__,
    title="Training with and without the encoder: is a gradient at the start worth a lower loss?",
    settings=VQESettings,
    families=families,
)
