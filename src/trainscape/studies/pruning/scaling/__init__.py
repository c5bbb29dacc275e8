r"""How do gradients scale with the number of qubits, before and after pruning, up to 200 qubits?

Three families with one measured number, the mean squared gradient of a parameter in the middle
third of the layers, at uniformly random angles; gates are :math:`e^{-i \theta G / 2}`, the model is
the Ising ring or chain with couplings and field of 1:

``states``
    By state vectors, on the ring, at every stage of pruning.
``covariances``
    By covariance matrices of free fermions, for the stages A2 (a parameter for each term) and A3 (a
    parameter for each kind).
``modes``
    By momenta, for the ring at stage A3.

Depths follow from how long a circuit takes to forget where it is. On tied rings spins of
neighbouring momenta have axes that differ by :math:`2\pi / n`, which takes of the order of
:math:`n^2` layers; trials on 16 to 64 spins agreed with deep circuits from :math:`n^2 / 8` on, and
the claims ask for twice that. Tied chains take longer: of 16 spins, means exceed those of deep
circuits by half at 0.4 n^2 layers, of 24 spins by the double at n^2 / 3, and by no more than their
errors of 3 to 5 % at n^2 and 2 n^2 on 12 and 16 spins; the claims ask for n^2. With free parameters
the squared entries of a covariance matrix walk at random over pairs of 2n operators: averaged over
angles, a layer is a stochastic matrix whose second eigenvalue gives :math:`0.10\,n^2` layers on a
ring and :math:`0.40\,n^2` on a chain for a fall by a factor e. In a third of the layers it has to
fall below 5 %, which takes :math:`0.92\,n^2` and :math:`3.7\,n^2`.

Numbers of samples: on tied rings the mean of the middle third spreads by 30 to 40 % between draws,
so that 64 draws leave errors of 4 to 5 % for each size and 2 % for the mean of six, a fifth of what
the claim allows. With free parameters hundreds of gates are averaged, and eight draws do.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.studies.pruning.names import StageName, num_gates

__all__ = ["GROUP", "ScalingSettings"]

FermionModel = Literal["ising_ring", "ising_chain"]
FermionStage = Literal["A2", "A3"]


class StateSystem(Settings):
    """Rings of several sizes at one stage of pruning, by state vectors."""

    stage: StageName
    """Stage of pruning."""
    qubits: tuple[int, ...] = Field(min_length=1)
    """Numbers of qubits n, from 3 on."""
    layers: int = Field(ge=3)
    """Number of layers L."""
    samples: int = Field(ge=2)
    """Draws of the angles."""


class FermionSystem(Settings):
    """A ring or chain as free fermions."""

    model: FermionModel = "ising_ring"
    """Ring or chain."""
    stage: FermionStage = "A2"
    """Stage of pruning."""
    qubits: int = Field(ge=3, le=1000)
    """Number of qubits n."""
    layers: int = Field(ge=3)
    """Number of layers L."""
    samples: int = Field(ge=2)
    """Draws of the angles."""


class ModeSystem(Settings):
    """A tied ring by its momenta."""

    qubits: int = Field(ge=4, le=1000, multiple_of=2)
    """Number of qubits n."""
    layers: int = Field(ge=3)
    """Number of layers L."""
    samples: int = Field(ge=2)
    """Draws of the angles."""


class ScalingSettings(Settings):
    """Settings of the group."""

    states: tuple[StateSystem, ...] = Field(min_length=1)
    """Rings by state vectors."""
    covariances: tuple[FermionSystem, ...] = Field(min_length=1)
    """Rings and chains by covariance matrices."""
    modes: tuple[ModeSystem, ...] = Field(min_length=1)
    """Tied rings by momenta."""


def _state_cell(system: StateSystem, qubits: int) -> Cell:
    gates = system.layers * num_gates("ising_ring", qubits, system.stage)
    return Cell(
        parameters={
            "model": "ising_ring",
            "stage": system.stage,
            "qubits": qubits,
            "layers": system.layers,
        },
        samples=system.samples,
        seconds=gates * (1e-6 + 5e-9 * 2**qubits),
        memory=2**27 + 64 * 2 ** (qubits + 5),
        disk=64,
    )


def _fermion_cell(system: FermionSystem) -> Cell:
    n = system.qubits
    return Cell(
        parameters=system.model_dump(include={"model", "stage", "qubits", "layers"}),
        samples=system.samples,
        # As measured: what surrounds a sample, and turns of two rows and columns.
        seconds=1.2e-3 + 6e-8 * system.layers * n**2,
        memory=2**27 + 64 * (2 * n) ** 2,
        disk=64,
    )


def _mode_cell(system: ModeSystem) -> Cell:
    return Cell(
        parameters={
            "model": "ising_ring",
            "stage": "A3",
            "qubits": system.qubits,
            "layers": system.layers,
        },
        samples=system.samples,
        seconds=system.layers * (2.5e-6 + 6e-8 * system.qubits),
        memory=2**27 + 2**8 * (system.layers + system.qubits) * 32,
        disk=64,
    )


def families(own: ScalingSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``states``, ``covariances`` and ``modes``."""
    states = [_state_cell(system, n) for system in own.states for n in system.qubits]
    covariances = [_fermion_cell(system) for system in own.covariances]
    modes = [_mode_cell(system) for system in own.modes]
    seeds = {Purpose.PARAMETERS: ("model", "stage", "qubits", "layers")}

    def family(name: str, title: str, step: str, cells: list[Cell], block: int = 32) -> Family:
        plan = StagePlan(sample=step, summary="moment_table", cells=tuple(cells), block=block)
        return Family(name=name, title=title, stages={Stage.GRADIENTS: plan}, seeds=seeds)

    return (
        family("states", "gradients of rings by state vectors", "state_gradients", states),
        family(
            "covariances",
            "gradients of free fermions by covariance matrices",
            "covariance_gradients",
            covariances,
            block=1,
        ),
        family("modes", "gradients of tied rings by momenta", "mode_gradients", modes),
    )


GROUP = Group(
    package=__name__,
    title="How gradients scale with the number of qubits before and after pruning.",
    settings=ScalingSettings,
    families=families,
)
