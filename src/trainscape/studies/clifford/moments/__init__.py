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

from typing import Any

from pydantic import Field

from trainscape.studies.clifford.costs import num_gates, walk_seconds
from trainscape.studies.clifford.systems import Ansatz, Depth, ObservableName, system
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]

CIRCUITS: tuple[tuple[Ansatz, Depth], ...] = (
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
SYSTEM = ("ansatz", "depth", "observable", "qubits")


class Patches(Settings):
    """Systems of the families statevector and walk; family statevector."""

    qubits: dict[int, int]
    """For each number of qubits, the runs (walk: instances) of the ansatz mhea of linear depth,
    with a random Pauli string."""
    cross_qubits: dict[int, int]
    """The same for the other ansätze and the shallow depth."""
    other_qubits: dict[int, int]
    """The same for the other observables."""


class WalkPatches(Patches):
    """Family walk."""

    walks: int = Field(ge=64)
    """Walkers for each moment of each instance."""
    norm_qubits: int = Field(24, ge=1)
    """Up to this number of qubits the norm of the gradient is estimated too."""
    angle_qubits: int = Field(24, ge=1)
    """Up to this number of qubits the encoder by offsets of the angles is compared."""


class OriginGradients(Settings):
    """Family origin."""

    deep_qubits: tuple[int, ...]
    """Numbers of qubits at linear depth (mhea)."""
    shallow_qubits: tuple[int, ...]
    """Numbers of qubits at shallow depth (all ansätze)."""
    runs: int = Field(ge=2)
    """Instances for each system."""
    every_parameter: int = Field(5, ge=1)
    """Up to this number of qubits the encoder is checked for every parameter."""


class MomentsSettings(Settings):
    """Settings of the group."""

    statevector: Patches
    walk: WalkPatches
    origin: OriginGradients


def _systems(settings: Patches) -> list[tuple[dict[str, Any], int, int]]:
    """Return the systems of a family, each with its number of gates, and of runs or instances."""
    counted = [(system(n), count) for n, count in settings.qubits.items()]
    counted += [
        (system(n, *circuit), count)
        for circuit in CIRCUITS[1:]
        for n, count in settings.cross_qubits.items()
    ]
    counted += [
        (system(n, observable=name), count)
        for name in OTHERS
        for n, count in settings.other_qubits.items()
    ]
    return [
        (names, num_gates(names["ansatz"], names["depth"], names["qubits"]), count)
        for names, count in counted
    ]


def _statevector(settings: Patches, published: bool) -> dict[Stage, StagePlan]:
    cells = [
        Cell(
            parameters=names,
            samples=runs,
            seconds=18 * gates * (2.2e-9 * 2 ** names["qubits"] + 4e-7) + 4e-5 * gates,
            memory=2**26 + 64 * 2 ** names["qubits"],
            disk=600,
        )
        for names, gates, runs in _systems(settings)
        if not published or names["observable"] == "random_pauli"
    ]
    return {
        Stage.GRADIENTS: StagePlan(
            sample="statevector_gradients",
            summary="statevector_moments",
            cells=tuple(cells),
            block=1,
            options={"published": published},
        ),
        Stage.THRESHOLDS: StagePlan(
            summary="scaling_laws", summary_reads=(Stage.GRADIENTS,), options={"moment": "norm"}
        ),
    }


def _walk(settings: WalkPatches) -> dict[Stage, StagePlan]:
    cells = []
    for names, gates, count in _systems(settings):
        n = names["qubits"]
        moments = (4 if n <= settings.norm_qubits else 2) + 2 * (n <= settings.angle_qubits)
        cells.append(
            Cell(
                parameters=names,
                samples=count,
                seconds=walk_seconds(gates, 12 * moments, settings.walks),
                memory=2**27 + 2500 * gates,
                disk=2500,
            )
        )
    return {
        Stage.GRADIENTS: StagePlan(
            sample="walk_moments",
            summary="walk_means",
            cells=tuple(cells),
            block=1,
            options=settings.model_dump(include={"walks", "norm_qubits", "angle_qubits"}),
        ),
        Stage.THRESHOLDS: StagePlan(
            summary="scaling_laws", summary_reads=(Stage.GRADIENTS,), options={"moment": "gradient"}
        ),
    }


def _origin(settings: OriginGradients, published: bool) -> dict[Stage, StagePlan]:
    circuits = [("mhea", "linear", n) for n in settings.deep_qubits]
    circuits += [
        (ansatz, "shallow", n)
        for ansatz in ("mhea", "fhea", "rpqc")
        for n in settings.shallow_qubits
    ]
    cells = []
    for ansatz, depth, n in circuits:
        gates = num_gates(ansatz, depth, n)
        every_parameter = 3e-5 * gates**2 if n <= settings.every_parameter else 0.0
        cells.append(
            Cell(
                parameters={"ansatz": ansatz, "depth": depth, "qubits": n},
                samples=settings.runs,
                seconds=3e-4 * gates + 1e-8 * gates**2 + every_parameter,
                memory=2**27 + 20 * gates**2,
                disk=100,
            )
        )
    return {
        Stage.GRADIENTS: StagePlan(
            sample="origin_gradients",
            summary="origin_norms",
            cells=tuple(cells),
            block=1,
            options={"published": published, "every_parameter": settings.every_parameter},
        )
    }


def families(own: MomentsSettings, shared: Any) -> tuple[Family, ...]:
    """Return the families of the group.

    With the shared setting ``published``, runs of state vectors and sums at zero repeat the
    published ones, slips included.
    """
    # All families share their instances, so that walks and state vectors can be compared.
    seeds = dict.fromkeys((Purpose.INSTANCE, Purpose.PARAMETERS, Purpose.STRUCTURE), SYSTEM)
    plans = {
        "statevector": _statevector(own.statevector, shared.published),
        "walk": _walk(own.walk),
        "origin": _origin(own.origin, shared.published),
    }
    titles = {
        "statevector": "gradients in patches, by state vectors",
        "walk": "second moments in patches, by Pauli walks",
        "origin": "gradients at angle zero",
    }
    return tuple(
        Family(name=name, title=titles[name], stages=stages, seeds=seeds)
        for name, stages in plans.items()
    )


GROUP = Group(
    package=__name__,
    title="Gradients in patches around zero, with and without the linear Clifford encoder.",
    settings=MomentsSettings,
    families=families,
)
