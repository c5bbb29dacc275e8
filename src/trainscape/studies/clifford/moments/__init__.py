"""Gradients in patches around zero, with and without the linear Clifford encoder.

Families:

``statevector``
    Exact gradients at random angles, as in the published figures.
``published``
    The same with the published random numbers, whatever the shared setting ``published`` says.
``walk``
    Second moments by the Pauli walk, for far more qubits than states can hold.
``origin``
    The gradient at angle zero.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any, get_args

from pydantic import Field

from trainscape.studies.clifford.plans import NAMES, num_gates, one_by_one, walked_cell
from trainscape.studies.clifford.systems import (
    SYSTEM,
    Ansatz,
    Depth,
    num_parameters,
    num_walks,
    system,
)
from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan

__all__ = ["GROUP"]

CROSS = tuple(product(get_args(Ansatz), get_args(Depth)))[1:]
"""Ansätze and depths but the first."""

SUM_WALKS = 16
"""Walks of sums of strings for each of the others, for the costs only."""

OTHERS = ("global_z", "heisenberg", "biased_heisenberg", "random_sum", "tfim")


class Patches(Settings):
    """Systems of the families statevector and walk; family statevector."""

    qubits: dict[int, int]
    """For each number of qubits, the runs (walk: instances) of the ansatz mhea of linear depth,
    with a random Pauli string."""
    cross_qubits: dict[int, int]
    """The same for the other ansätze and the shallow depth."""
    other_qubits: dict[int, int]
    """The same for the other observables."""

    @property
    def systems(self) -> list[tuple[dict[str, Any], int]]:
        """The systems, each with its number of runs or instances."""
        kinds: list[tuple[dict[str, Any], dict[int, int]]] = [({}, self.qubits)]
        kinds += [({"ansatz": one, "depth": depth}, self.cross_qubits) for one, depth in CROSS]
        kinds += [({"observable": name}, self.other_qubits) for name in OTHERS]
        return [(system(n, **kind), count) for kind, sizes in kinds for n, count in sizes.items()]


class WalkPatches(Patches):
    """Family walk."""

    walks: int = Field(ge=64)
    """Walkers for each moment of each instance."""
    largest_walk: int = Field(2**36, ge=1)
    """Largest number of walkers times gates: larger circuits have fewer walkers, though never fewer
    than 1024. The widest patches alone need them, where no walker of a large circuit counts."""
    norm_qubits: int = Field(24, ge=1)
    """Up to this number of qubits the mean square of the gradient over all strings, without the
    encoder, is estimated too."""
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
    published: dict[int, int]
    """Family published: for each number of qubits, the published runs that are repeated, of the
    ansatz mhea of linear depth. Fifty were published, of 2 to 16 qubits."""
    walk: WalkPatches
    origin: OriginGradients


def _statevector(systems: Iterable[tuple[dict[str, Any], int]], published: bool) -> Iterator[Cell]:
    for names, runs in systems:
        if published and names["observable"] != "random_pauli":
            continue
        gates, amplitudes = num_gates(names), 2 ** names["qubits"]
        seconds = 3e-3 + 18 * gates * (2.2e-9 * amplitudes + 4e-7) + 4e-5 * gates
        cost: dict[str, Any] = {"seconds": seconds, "memory": 2**26 + 64 * amplitudes, "disk": 600}
        yield Cell(parameters=names, samples=runs, **cost)


def _walk(own: WalkPatches) -> Iterator[Cell]:
    for names, count in own.systems:
        n, string = names["qubits"], names["observable"] in ("random_pauli", "global_z")
        # Encoders by offsets need the list of all gates.
        offsets = n <= own.angle_qubits and string
        moments = 12 * (1 + offsets)
        bare = n <= own.norm_qubits and names["observable"] == "random_pauli"
        walks = num_walks(own.walks, own.largest_walk, num_gates(names))
        cell = walked_cell(
            names,
            count,
            moments=moments if string else SUM_WALKS * moments,
            walks=walks,
            disk=2500,
            layered=string and names["ansatz"] != "rpqc",
            listed=offsets or bare,
        )
        # Walks of generators pass through all rotations, for all widths at once.
        more = 0.04 + 4e-5 * num_parameters(*(names[name] for name in NAMES)) if bare else 0.0
        yield replace(cell, seconds=cell.seconds + more)


def _origin(own: OriginGradients) -> Iterator[Cell]:
    kinds: list[tuple[Any, ...]] = [("mhea", "linear", own.deep_qubits)]
    kinds += [(ansatz, "shallow", own.shallow_qubits) for ansatz in get_args(Ansatz)]
    for ansatz, depth, n in ((*kind, n) for *kind, sizes in kinds for n in sizes):
        names: dict[str, Any] = {"ansatz": ansatz, "depth": depth, "qubits": n}
        gates = num_gates(names)
        every_parameter = 3e-5 * gates**2 if n <= own.every_parameter else 0.0
        seconds = 2e-4 * gates + 1e-8 * gates**2 + every_parameter
        cost: dict[str, Any] = {"seconds": seconds, "memory": 2**27 + 20 * gates**2, "disk": 100}
        yield Cell(parameters=names, samples=own.runs, **cost)


def _family(
    name: str,
    title: str,
    steps: tuple[str, str],
    cells: Iterable[Cell],
    fitted: str = "",
    **options: Any,
) -> Family:
    """Return a family whose gradients are sampled and summarised by two `steps`.

    Scaling laws are fitted to the moment `fitted`.
    """
    stages = {Stage.GRADIENTS: one_by_one(*steps, cells, **options)}
    if fitted:
        stages[Stage.THRESHOLDS] = StagePlan(
            summary="scaling_laws", summary_reads=(Stage.GRADIENTS,), options={"moment": fitted}
        )
    # All families share their instances, so that walks and state vectors can be compared.
    purposes = (Purpose.INSTANCE, Purpose.PARAMETERS, Purpose.STRUCTURE)
    seeds = dict.fromkeys(purposes, SYSTEM)
    return Family(name=name, title=title, stages=stages, seeds=seeds)


def families(own: MomentsSettings, shared: Any) -> tuple[Family, ...]:
    """Return the families of the group.

    With the shared setting ``published``, runs of state vectors and sums at zero repeat the
    published ones, slips included.
    """
    published = {"published": shared.published}
    return (
        _family(
            "statevector",
            "gradients in patches, by state vectors",
            ("statevector_gradients", "statevector_moments"),
            _statevector(own.statevector.systems, shared.published),
            fitted="norm",
            **published,
        ),
        _family(
            "published",
            "gradients in patches, as published",
            ("statevector_gradients", "statevector_moments"),
            _statevector(((system(n), runs) for n, runs in own.published.items()), True),
            published=True,
        ),
        _family(
            "walk",
            "second moments in patches, by Pauli walks",
            ("walk_moments", "walk_means"),
            _walk(own.walk),
            fitted="gradient",
            **own.walk.model_dump(include={"walks", "largest_walk", "norm_qubits", "angle_qubits"}),
        ),
        _family(
            "origin",
            "gradients at angle zero",
            ("origin_gradients", "origin_norms"),
            _origin(own.origin),
            **published,
            every_parameter=own.origin.every_parameter,
        ),
    )


GROUP = Group(
    package=__name__,
    title="Gradients in patches around zero, with and without the linear Clifford encoder.",
    settings=MomentsSettings,
    families=families,
)
