"""Training with and without the linear Clifford encoder: does a gradient that does not vanish at the start end in a lower loss?

Families:

``vqe``
    All observables, with and without encoder; other learning rates; and cheap alternatives to the encoder: its variant without gates, a search over Clifford points, Gaussian
    angles of the width that suits the locality, identity blocks, Adam, and a random walk with the same step lengths.
``vqe_shots``
    Loss and gradient from measurement outcomes.
``vqe_published``
    The published protocol, draw by draw.

All runs use the ansatz mHEA (EfficientSU2 with RY, RZ and circular CX).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan

__all__ = [
    "VQE_PRESETS",
    "Observable",
    "VQEPublished",
    "VQESettings",
    "VQEShots",
    "VQETraining",
    "vqe_families",
]

Observable = Literal["global_z", "heisenberg", "biased_heisenberg", "tfim", "random_pauli"]
Sizes = tuple[tuple[int, int], ...]

PATCHES = 4
RECORDED = 31


class VQETraining(Settings):
    """Family vqe."""

    systems: dict[Observable, Sizes] = Field(
        description="For each observable, pairs of qubits n and layers L."
    )
    restarts: int = Field(ge=1, description="Restarts for each system; tests need at least 6.")
    iterations: int = Field(300, ge=1, description="Iterations of each run.")
    rate: float = Field(
        0.01,
        gt=0,
        description="Learning rate: a step is this times the gradient (for Adam, about this for each angle).",
    )
    baselines: tuple[Observable, ...] = Field(
        description="Observables on whose first system the encoder is compared with the alternatives to it."
    )
    rates: tuple[float, ...] = Field(
        description="Further learning rates, for the first system of global_z."
    )


class VQEShots(Settings):
    """Family vqe_shots."""

    systems: dict[Observable, Sizes] = Field(
        description="For each observable, pairs of qubits n and layers L."
    )
    restarts: int = Field(ge=1, description="Restarts for each system.")
    iterations: int = Field(ge=1, description="Iterations of each run.")
    rate: float = Field(gt=0, description="Learning rate of gradient descent.")
    shots: tuple[int, ...] = Field(
        description="Outcomes for each group of terms and setting of the angles; 0: exact."
    )


class VQEPublished(Settings):
    """Family vqe_published."""

    runs: int = Field(5, ge=1, description="Runs of each experiment; five were published.")
    experiments: tuple[tuple[Observable, int, int, int, float], ...] = Field(
        description="Observable, qubits n, layers L, iterations and learning rate of gradient descent."
    )
    rounding: bool = Field(
        False,
        description="Repeat each descent from angles moved by 1e-13, to see which published digits rounding leaves open. Doubles the cost.",
    )
    walks: tuple[tuple[int, int, int, float], ...] = Field(
        description="Qubits n, layers L, iterations and learning rate of the comparison of descent on Z...Z with a random walk."
    )


class VQESettings(Settings):
    """Settings of the families of this group in one preset."""

    training: VQETraining
    shots: VQEShots
    published: VQEPublished


def gradient_seconds(qubits: int, parameters: int) -> float:
    """Estimate one loss with gradient and the bookkeeping around it."""
    amplitudes: int = 2**qubits
    return 7e-5 + 8e-7 * parameters + 1.8e-9 * parameters * amplitudes


def _cell(
    observable: str,
    size: tuple[int, int],
    start: str,
    iterations: int,
    rate: float,
    samples: int,
    optimiser: str = "gd",
    **other: Any,
) -> Cell:
    qubits, layers = size
    parameters = {
        "observable": observable,
        "qubits": qubits,
        "layers": layers,
        "start": start,
        "optimiser": optimiser,
        "iterations": iterations,
        "rate": rate,
        "shots": 0,
        "published": False,
        **other,
    }
    count = 2 * qubits * (layers + 1)
    patches = 1 if start in ("gaussian", "identity") else PATCHES
    step = gradient_seconds(qubits, count)
    memory = 2**26 + 64 * 2**qubits
    if parameters["shots"]:
        groups = {"global_z": 1, "random_pauli": 1, "tfim": 2}.get(observable, 3)
        step += 6e-7 * qubits * groups * count + 8e-9 * (2 + qubits * groups) * count * 2**qubits
        memory += 256 * count * 2**qubits
    seconds = patches * iterations * step * (2 if optimiser == "walk" else 1)
    if start == "clifford":
        seconds += 9 * count * (5e-5 + 1e-6 * count)
    return Cell(parameters, samples, seconds, memory, patches * RECORDED * 32)


def _training_cells(settings: VQETraining) -> list[Cell]:
    def cells_of(
        observable: str, size: tuple[int, int], starts: Sequence[tuple[str, str]], rate: float
    ) -> list[Cell]:
        return [
            _cell(observable, size, start, settings.iterations, rate, settings.restarts, optimiser)
            for start, optimiser in starts
        ]

    both = (("plain", "gd"), ("lce", "gd"))
    cells = []
    for observable, sizes in settings.systems.items():
        for size in sizes:
            cells += cells_of(observable, size, both, settings.rate)
        if observable in settings.baselines:
            others = [
                ("angles", "gd"),
                ("clifford", "gd"),
                ("gaussian", "gd"),
                ("identity", "gd"),
                ("plain", "adam"),
                ("lce", "adam"),
            ]
            others += [("plain", "walk"), ("lce", "walk")]
            cells += cells_of(observable, sizes[0], others, settings.rate)
    if "global_z" in settings.systems:
        for rate in settings.rates:
            cells += cells_of("global_z", settings.systems["global_z"][0], both, rate)
    return cells


def _shot_cells(settings: VQEShots) -> list[Cell]:
    return [
        _cell(
            observable,
            size,
            start,
            settings.iterations,
            settings.rate,
            settings.restarts,
            shots=shots,
        )
        for observable, sizes in settings.systems.items()
        for size, shots, start in product(sizes, settings.shots, ("plain", "lce"))
    ]


def _published_cells(settings: VQEPublished) -> list[Cell]:
    cells = []
    for observable, qubits, layers, iterations, rate in settings.experiments:
        cells += [
            _cell(
                observable, (qubits, layers), start, iterations, rate, settings.runs, published=True
            )
            for start in ("plain", "lce")
        ]
    for qubits, layers, iterations, rate in settings.walks:
        for start, optimiser in (("lce", "gd"), ("plain", "walk")):
            cells.append(
                _cell(
                    "global_z",
                    (qubits, layers),
                    start,
                    iterations,
                    rate,
                    settings.runs,
                    optimiser,
                    published=True,
                )
            )
    return cells


def _stages(cells: Iterable[Cell], *, rounding: bool = False) -> Mapping[Stage, StagePlan]:
    found = tuple(replace(cell, seconds=2 * cell.seconds) if rounding else cell for cell in cells)
    problems = dict.fromkeys(
        (str(cell.parameters["observable"]), int(cell.parameters["qubits"])) for cell in found
    )
    energies = tuple(
        Cell(
            {"observable": observable, "qubits": qubits},
            None,
            0.01 + 4e-6 * 2**qubits,
            2**26 + 2**10 * 2**qubits,
            8,
        )
        for observable, qubits in problems
    )
    return {
        Stage.DATASET: StagePlan(energies),
        Stage.THRESHOLDS: StagePlan(
            found,
            summary=True,
            summary_reads=(Stage.DATASET,),
            block=1,
            options={"rounding": rounding},
        ),
    }


def vqe_families(settings: VQESettings) -> tuple[Family, ...]:
    """Return the families of this group."""
    system = ("observable", "qubits", "layers")
    # Start, optimiser and encoder are left out: what is compared has the same angles, encoders and outcomes. So are learning rates and shots where they do no harm.
    seeds = {
        Purpose.INSTANCE: ("observable", "qubits"),
        Purpose.STRUCTURE: system,
        Purpose.TRAINING: ("qubits", "layers"),
        Purpose.SHOTS: (*system, "rate", "shots"),
    }
    package = __name__
    return (
        Family(
            "vqe",
            "training with and without the encoder",
            package,
            _stages(_training_cells(settings.training)),
            seeds,
        ),
        Family(
            "vqe_shots",
            "training from measurement outcomes",
            package,
            _stages(_shot_cells(settings.shots)),
            seeds,
        ),
        Family(
            "vqe_published",
            "training as published",
            package,
            _stages(_published_cells(settings.published), rounding=settings.published.rounding),
            seeds,
        ),
    )


def _everywhere(*sizes: tuple[int, int]) -> dict[Observable, Sizes]:
    return dict.fromkeys(
        ("global_z", "heisenberg", "biased_heisenberg", "tfim", "random_pauli"), sizes
    )


VQE_PRESETS: Mapping[str, VQESettings] = {
    "smoke": VQESettings(
        training=VQETraining(
            systems=_everywhere((4, 2)),
            restarts=3,
            iterations=60,
            rate=0.03,
            baselines=("global_z",),
            rates=(0.1,),
        ),
        shots=VQEShots(
            systems={"global_z": ((4, 2),), "heisenberg": ((4, 2),)},
            restarts=2,
            iterations=30,
            rate=0.05,
            shots=(16, 256),
        ),
        published=VQEPublished(
            runs=5, experiments=(("biased_heisenberg", 8, 16, 1, 0.01),), walks=((10, 3, 10, 0.1),)
        ),
    ),
    "laptop": VQESettings(
        training=VQETraining(
            systems=_everywhere((6, 2), (6, 6)),
            restarts=20,
            iterations=100,
            rate=0.03,
            baselines=("global_z", "heisenberg", "random_pauli"),
            rates=(0.1, 0.001),
        ),
        shots=VQEShots(
            systems={"global_z": ((6, 2),), "heisenberg": ((6, 2),)},
            restarts=20,
            iterations=40,
            rate=0.05,
            shots=(8, 512),
        ),
        published=VQEPublished(experiments=(), walks=((10, 3, 49, 0.1),)),
    ),
    "workstation": VQESettings(
        training=VQETraining(
            systems=_everywhere((12, 6), (12, 36)),
            restarts=20,
            iterations=1000,
            baselines=("global_z", "heisenberg", "biased_heisenberg", "tfim", "random_pauli"),
            rates=(0.1, 0.001, 0.0001),
        ),
        shots=VQEShots(
            systems={"global_z": ((12, 6),), "heisenberg": ((8, 4),)},
            restarts=20,
            iterations=100,
            rate=0.05,
            shots=(8, 64, 512),
        ),
        published=VQEPublished(
            experiments=(
                ("global_z", 15, 5, 299, 0.01),
                ("heisenberg", 12, 36, 999, 0.01),
                ("tfim", 12, 36, 999, 0.01),
                ("biased_heisenberg", 8, 16, 999, 0.01),
                ("biased_heisenberg", 12, 6, 999, 0.01),
            ),
            rounding=True,
            walks=((10, 3, 49, 0.1),),
        ),
    ),
    "paper": VQESettings(
        training=VQETraining(
            systems={
                "global_z": ((15, 5), (16, 16)),
                "heisenberg": ((12, 6), (12, 36)),
                "biased_heisenberg": ((12, 6), (8, 16)),
                "tfim": ((12, 6), (12, 36)),
                "random_pauli": ((15, 5), (16, 16)),
            },
            restarts=50,
            iterations=1000,
            baselines=("global_z", "heisenberg", "biased_heisenberg", "tfim", "random_pauli"),
            rates=(0.1, 0.001, 0.0001),
        ),
        shots=VQEShots(
            systems={"global_z": ((12, 6),), "heisenberg": ((12, 6),)},
            restarts=20,
            iterations=300,
            rate=0.01,
            shots=(8, 64, 512, 4096),
        ),
        published=VQEPublished(
            experiments=(
                ("global_z", 15, 5, 299, 0.1),
                ("global_z", 15, 5, 299, 0.01),
                ("global_z", 15, 5, 299, 0.001),
                ("global_z", 15, 5, 299, 0.0001),
                ("heisenberg", 12, 36, 999, 0.01),
                ("tfim", 12, 36, 999, 0.01),
                ("biased_heisenberg", 8, 16, 999, 0.01),
                ("biased_heisenberg", 12, 6, 999, 0.01),
            ),
            rounding=True,
            walks=((10, 3, 49, 0.1),),
        ),
    ),
}
"""Default settings of the presets."""
