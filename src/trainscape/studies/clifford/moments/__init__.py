"""Gradients in patches around zero, with and without the linear Clifford encoder.

Families:

``statevector``
    Exact gradients at random angles, as in the published figures.
``walk``
    Second moments by the Pauli walk, for far more qubits than states can hold.
``origin``
    The gradient at angle zero.
"""

from __future__ import annotations

from pydantic import Field

from trainscape.studies.clifford.systems import (
    Ansatz,
    Depth,
    ObservableName,
    num_fixed_gates,
    num_parameters,
)
from trainscape.studies.contract import Cell, Family, Purpose, Settings, Stage, StagePlan

__all__ = ["Origin", "StatevectorPatches", "WalkPatches", "moments_families"]

SYSTEMS: tuple[tuple[Ansatz, Depth], ...] = (
    ("mhea", "linear"),
    ("mhea", "shallow"),
    ("fhea", "linear"),
    ("fhea", "shallow"),
    ("rpqc", "linear"),
    ("rpqc", "shallow"),
)
OTHERS: tuple[ObservableName, ...] = (
    "global_z",
    "heisenberg",
    "biased_heisenberg",
    "random_sum",
    "tfim",
)


class StatevectorPatches(Settings):
    """Family statevector."""

    qubits: dict[int, int] = Field(
        description="For each number of qubits, the runs of the ansatz mhea of linear depth, with a random Pauli string."
    )
    cross_qubits: dict[int, int] = Field(
        description="The same for the other ansätze and the shallow depth."
    )
    other_qubits: dict[int, int] = Field(description="The same for the other observables.")


class WalkPatches(Settings):
    """Family walk."""

    qubits: dict[int, int] = Field(
        description="For each number of qubits, the instances of the ansatz mhea of linear depth, with a random Pauli string."
    )
    cross_qubits: dict[int, int] = Field(
        description="The same for the other ansätze and the shallow depth."
    )
    other_qubits: dict[int, int] = Field(description="The same for the other observables.")
    walks: int = Field(ge=64, description="Walkers for each moment of each instance.")
    norm_qubits: int = Field(
        24,
        ge=1,
        description="Up to this number of qubits the norm of the gradient is estimated too.",
    )
    angle_qubits: int = Field(
        24,
        ge=1,
        description="Up to this number of qubits the encoder by offsets of the angles is compared.",
    )


class Origin(Settings):
    """Family origin."""

    deep_qubits: tuple[int, ...] = Field(description="Numbers of qubits at linear depth (mhea).")
    shallow_qubits: tuple[int, ...] = Field(
        description="Numbers of qubits at shallow depth (all ansätze)."
    )
    runs: int = Field(ge=2, description="Instances for each system.")
    every_parameter: int = Field(
        5,
        ge=1,
        description="Up to this number of qubits the encoder is checked for every parameter.",
    )


def _system(ansatz: str, depth: str, observable: str, qubits: int) -> dict[str, str | int]:
    return {"ansatz": ansatz, "depth": depth, "observable": observable, "qubits": qubits}


def _systems(settings: StatevectorPatches | WalkPatches) -> list[tuple[dict[str, str | int], int]]:
    """Return the systems of a family with the number of their runs or instances."""
    wanted = [
        (_system(*SYSTEMS[0], "random_pauli", n), count) for n, count in settings.qubits.items()
    ]
    wanted += [
        (_system(*names, "random_pauli", n), count)
        for names in SYSTEMS[1:]
        for n, count in settings.cross_qubits.items()
    ]
    return wanted + [
        (_system(*SYSTEMS[0], name, n), count)
        for name in OTHERS
        for n, count in settings.other_qubits.items()
    ]


def _gates(system: dict[str, str | int]) -> int:
    names = (str(system["ansatz"]), str(system["depth"]), int(system["qubits"]))
    return num_parameters(*names) + num_fixed_gates(*names)


def _statevector(settings: StatevectorPatches, published: bool) -> dict[Stage, StagePlan]:
    wanted = _systems(settings)
    if published:
        wanted = [
            (system, runs) for system, runs in wanted if system["observable"] == "random_pauli"
        ]
    cells = []
    for system, runs in wanted:
        n, gates = int(system["qubits"]), _gates(system)
        once = gates * (2.2e-9 * 2**n + 4e-7)
        cells.append(Cell(system, runs, 18 * once + 4e-5 * gates, 2**26 + 64 * 2**n, 600))
    return {
        Stage.GRADIENTS: StagePlan(
            tuple(cells), summary=True, block=1, options={"published": published}
        ),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.GRADIENTS,)),
    }


def _walk(settings: WalkPatches) -> dict[Stage, StagePlan]:
    cells = []
    for system, count in _systems(settings):
        n, gates = int(system["qubits"]), _gates(system)
        moments = (4 if n <= settings.norm_qubits else 2) + 2 * (n <= settings.angle_qubits)
        seconds = 6e-5 * gates + 12 * moments * settings.walks * (4e-10 * gates + 1.5e-7)
        cells.append(Cell(system, count, seconds, 2**27 + 2500 * gates, 2500))
    options = {
        "walks": settings.walks,
        "norm_qubits": settings.norm_qubits,
        "angle_qubits": settings.angle_qubits,
    }
    return {
        Stage.GRADIENTS: StagePlan(tuple(cells), summary=True, block=1, options=options),
        Stage.THRESHOLDS: StagePlan(summary=True, summary_reads=(Stage.GRADIENTS,)),
    }


def _origin(settings: Origin, published: bool) -> dict[Stage, StagePlan]:
    wanted = [("mhea", "linear", n) for n in settings.deep_qubits]
    wanted += [
        (ansatz, "shallow", n)
        for ansatz in ("mhea", "fhea", "rpqc")
        for n in settings.shallow_qubits
    ]
    cells = []
    for ansatz, depth, n in wanted:
        gates = num_parameters(ansatz, depth, n) + num_fixed_gates(ansatz, depth, n)
        seconds = (
            3e-4 * gates
            + 1e-8 * gates**2
            + (3e-5 * gates**2 if n <= settings.every_parameter else 0.0)
        )
        cells.append(
            Cell(
                {"ansatz": ansatz, "depth": depth, "qubits": n},
                settings.runs,
                seconds,
                2**27 + 20 * gates**2,
                100,
            )
        )
    options = {"published": published, "every_parameter": settings.every_parameter}
    return {Stage.GRADIENTS: StagePlan(tuple(cells), summary=True, block=1, options=options)}


def moments_families(
    statevector: StatevectorPatches, walk: WalkPatches, origin: Origin, *, published: bool = False
) -> tuple[Family, ...]:
    """Return the families; with `published`, runs of state vectors and sums at zero repeat the published ones, slips included."""
    system = ("ansatz", "depth", "observable", "qubits")
    # All families share their instances, so that walk and state vector can be compared on equal ones.
    seeds = {Purpose.INSTANCE: system, Purpose.PARAMETERS: system, Purpose.STRUCTURE: system}
    package = __name__
    return (
        Family(
            "statevector",
            "gradients in patches, by state vectors",
            f"{package}.statevector",
            _statevector(statevector, published),
            seeds,
        ),
        Family(
            "walk",
            "second moments in patches, by Pauli walks",
            f"{package}.walk",
            _walk(walk),
            seeds,
        ),
        Family(
            "origin",
            "gradients at angle zero",
            f"{package}.origin",
            _origin(origin, published),
            seeds,
        ),
    )
