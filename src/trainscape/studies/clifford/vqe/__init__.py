"""Does a gradient that the linear Clifford encoder keeps alive at the start end in a lower loss?

Families:

``vqe``
    All observables, with and without encoder; other learning rates; and cheap alternatives to the
    encoder: its variant without gates, a search over Clifford points, Gaussian angles of the width
    that suits the locality, identity blocks, Adam, and a random walk with the same step lengths.
``vqe_shots``
    Loss and gradient from measurement outcomes.
``vqe_sines``
    How many sines a surrogate of the loss needs along the descent with the encoder.
``vqe_published``
    The published protocol, draw by draw.

All runs use the ansatz mHEA (EfficientSU2 with RY, RZ and circular CX).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Literal

from pydantic import Field

from trainscape.studies.clifford.plans import one_by_one
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


class Sines(Runs):
    """Family vqe_sines, for observables of one string."""

    most: int = Field(5, ge=1)
    """Largest number of sines that is tried."""


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
    sines: Sines
    published: Published


DESCENT = (("plain", "gd"), ("lce", "gd"))
ALTERNATIVES = (
    *((start, "gd") for start in ("angles", "clifford", "gaussian", "identity")),
    *((start, "adam") for start in ("plain", "lce")),
)
WALKS = tuple((start, "walk") for start in ("plain", "lce"))
"""Starts and optimisers. Random walks are for the observable that is compared with them."""

PARAMETERS = (
    *("observable", "qubits", "layers", "start", "optimiser"),
    *("iterations", "rate", "shots", "published"),
)
"""Parameters of a cell."""

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
    count, amplitudes = 2 * qubits * (layers + 1), 2**qubits
    patches = 1 if start in ("gaussian", "identity") else PATCHES
    # One loss with gradient and the bookkeeping around it.
    step = 7e-5 + 8e-7 * count + 1.8e-9 * count * amplitudes
    memory = 2**26 + 64 * amplitudes
    if parameters["shots"]:
        bases = {"global_z": 1, "random_pauli": 1, "tfim": 2}.get(parameters["observable"], 3)
        step += 6e-7 * qubits * bases * count + 8e-9 * (2 + qubits * bases) * count * amplitudes
        memory += 256 * count * amplitudes
    evaluations = parameters["iterations"] * (2 if parameters["optimiser"] == "walk" else 1)
    search = 9 * count * (5e-5 + 1e-6 * count) if start == "clifford" else 0.0
    seconds = 0.95 * patches * evaluations * step + search
    return {"seconds": seconds, "memory": memory, "disk": patches * RECORDED * 32}


def _cells(
    methods: Iterable[tuple[str, str]],
    own: Runs,
    observable: str,
    size: tuple[int, int],
    *,
    shots: int = 0,
    published: bool = False,
) -> Iterator[Cell]:
    """Yield one cell for each start and optimiser."""
    for start, optimiser in methods:
        run = (own.iterations, own.rate, shots, published)
        names: tuple[Any, ...] = (observable, *size, start, optimiser, *run)
        parameters = dict(zip(PARAMETERS, names, strict=True))
        yield Cell(parameters=parameters, samples=own.restarts, **_cost(parameters))


def _training_cells(own: Training) -> Iterator[Cell]:
    for observable, sizes in own.systems.items():
        for size in sizes:
            yield from _cells(DESCENT, own, observable, size)
        if observable in own.baselines:
            walks = WALKS if observable == "global_z" else ()
            yield from _cells((*ALTERNATIVES, *walks), own, observable, sizes[0])
    for size, rate in product(own.systems.get("global_z", ())[:1], own.rates):
        yield from _cells(DESCENT, own.model_copy(update={"rate": rate}), "global_z", size)


def _shot_cells(own: Shots) -> Iterator[Cell]:
    for observable, sizes in own.systems.items():
        for size, shots in product(sizes, own.shots):
            yield from _cells(DESCENT, own, observable, size, shots=shots)


def _sines(own: Sines) -> Family:
    """Return the family; the surrogates cost far more than the descent."""
    cells: list[Cell] = []
    for observable, sizes in own.systems.items():
        for size in sizes:
            for cell in _cells(DESCENT[1:], own, observable, size):
                seconds = cell.seconds + 8 * own.most * (4e-3 + 1e-6 * 4 ** size[0])
                cells.append(replace(cell, seconds=seconds, disk=4000))
    plan = one_by_one("sine_records", "sine_medians", cells, most=own.most)
    title = "sines that surrogates need along training"
    return Family(name="vqe_sines", title=title, stages={Stage.SIMULATE: plan}, seeds=SEEDS)


def _published_cells(own: Published) -> Iterator[Cell]:
    walk = (("lce", "gd"), ("plain", "walk"))
    runs: list[tuple[Any, ...]] = [(DESCENT, *experiment) for experiment in own.experiments]
    runs += [(walk, "global_z", *experiment) for experiment in own.walks]
    for methods, observable, qubits, layers, iterations, rate in runs:
        one = Runs(systems={}, restarts=own.runs, iterations=iterations, rate=rate)
        for cell in _cells(methods, one, observable, (qubits, layers), published=True):
            yield replace(cell, seconds=1.4 * cell.seconds * (1 + own.rounding))


def _family(name: str, title: str, found: Iterable[Cell], *, rounding: bool = False) -> Family:
    cells = tuple(found)
    energies = []
    for observable, qubits in dict.fromkeys(
        (cell.parameters["observable"], int(str(cell.parameters["qubits"]))) for cell in cells
    ):
        cost = {"seconds": 0.003 + 4e-6 * 2**qubits, "memory": 2**26 + 2**10 * 2**qubits}
        problem: dict[str, Any] = {"observable": observable, "qubits": qubits}
        energies.append(Cell(parameters=problem, disk=8, **cost))
    runs = one_by_one("training_runs", "comparisons", cells, rounding=rounding)
    stages = {
        Stage.DATASET: StagePlan(sample="ground_energies", cells=tuple(energies)),
        Stage.THRESHOLDS: replace(runs, summary_reads=(Stage.DATASET,)),
    }
    return Family(name=name, title=title, stages=stages, seeds=SEEDS)


def families(own: VQESettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families of the group."""
    published, rounding = _published_cells(own.published), own.published.rounding
    return (
        _family("vqe", "training with and without the encoder", _training_cells(own.training)),
        _family("vqe_shots", "training from measurement outcomes", _shot_cells(own.shots)),
        _sines(own.sines),
        _family("vqe_published", "training as published", published, rounding=rounding),
    )


GROUP = Group(
    package=__name__,
    title="Training with and without the encoder: is a gradient at the start worth a lower loss?",
    settings=VQESettings,
    families=families,
)
