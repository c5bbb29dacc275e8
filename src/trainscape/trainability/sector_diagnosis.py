r"""Why a network on sectors cannot learn labels: tests that look at it before it is trained.

The network is a Hamiltonian ``H`` and a gate generator ``A`` in each sector, coupled to an ancilla
on which the label is measured. All tests are exact but the one about times, a rule of thumb.

``frozen_sector``
    The gate is a multiple of the identity in a sector: no parameter moves that sector's loss.
``no_coupling``
    In every sector ``H`` and ``A`` are sums of a term on the Krylov space and a term on the
    ancilla, so that the two stay in a product state. The ancilla has the same outcomes for every
    input, and the loss is at least one minus the largest fraction of inputs with equal labels.
``short_times``
    The largest time ``T`` times the spread of the eigenvalues of ``H`` is below one turn,
    :math:`2\pi`: the factors :math:`e^{iHt}` all lie near the identity (up to a phase), and the
    gates conjugated with them all lie near each other.
``few_parameters``
    There are fewer parameters than the rank ``R`` of the Hessian at a perfect minimum.
``missing_states``
    The training set lacks Krylov states (`trainscape.physics.coverage`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from trainscape.physics.bipartite import coupling_share
from trainscape.physics.coverage import coverage_of_labels
from trainscape.simulators.sectors.problem import SectorProblem, frozen_blocks

__all__ = ["Finding", "diagnose"]

TOLERANCE = 1e-10
"""Norm of the coupling, relative to that of the operator, below which there is none."""


@dataclass(frozen=True)
class Finding:
    """One reason why a network cannot learn all of its task.

    Parameters
    ----------
    code
        Name of the test; see the module.
    message
        What is wrong, what it does to the loss, and what to do.
    """

    code: str
    message: str


def diagnose(
    problem: SectorProblem,
    ancilla: int,
    layers: int,
    horizon: float,
    rank: int,
    label: str,
    trained: Sequence[tuple[int, int]],
) -> list[Finding]:
    """Return what stands in the way of training.

    Parameters
    ----------
    problem
        The network in all of its sectors, with all of their states.
    ancilla
        Dimension of the ancilla register.
    layers
        Number of parameters.
    horizon
        Largest time.
    rank
        Rank ``R`` of the Hessian at a perfect minimum with enough parameters.
    label
        What is learned: the sector (``lambda``), or the state too (``lambda_q``).
    trained
        Labels ``(lambda, q)`` of the states that are trained.
    """
    return list(_findings(problem, ancilla, layers, horizon, rank, label, trained))


def _findings(
    problem: SectorProblem,
    ancilla: int,
    layers: int,
    horizon: float,
    rank: int,
    label: str,
    trained: Sequence[tuple[int, int]],
) -> Iterator[Finding]:
    dimensions = [block.inputs.shape[1] for block in problem.blocks]
    if frozen := frozen_blocks(problem):
        yield Finding(
            "frozen_sector",
            f"the gate is a multiple of the identity in sector(s) {', '.join(frozen)}: their loss "
            "is the same for all parameters. Use gate=sum, or add a term on the ancilla alone",
        )
    operators = [m for block in problem.blocks for m in (block.hamiltonian, block.gate)]
    if all(coupling_share(np.asarray(matrix), ancilla) <= TOLERANCE for matrix in operators):
        # Only what the ancilla does by itself can be chosen: the best is to bet on the most
        # frequent label.
        most = max(dimensions) if label == "lambda" else 1
        yield Finding(
            "no_coupling",
            "neither H nor A couples the chain to the ancilla: no label can be written, and the "
            f"loss is at least {1 - most / sum(dimensions):.3g}. Add terms h_j (x) sigma to H",
        )
    turn = horizon * max(
        float(np.ptp(np.linalg.eigvalsh(block.hamiltonian))) for block in problem.blocks
    )
    if turn < 2 * np.pi:
        yield Finding(
            "short_times",
            f"T = {horizon:g} turns the phases of H by at most {turn:.2g}, less than one turn: all "
            f"gates act alike. Use T above {horizon * 20 * np.pi / turn:.2g}, ten turns",
        )
    if layers < rank:
        yield Finding(
            "few_parameters",
            f"{layers} parameters are fewer than the {rank} directions in which the loss bends at "
            f"a perfect minimum: expect to end in bad minima. Use at least {rank}",
        )
    # The number of copies is of no importance to what is covered.
    covered = coverage_of_labels([(n, 1) for n in dimensions], trained)
    if not covered.complete:
        missing = [
            f"{sector.position} ({sector.dimension - sector.rank} of {sector.dimension} states)"
            for sector in covered.sectors
            if sector.missing
        ]
        yield Finding(
            "missing_states",
            f"the training set lacks Krylov states of sector(s) {', '.join(missing)}: their loss "
            f"stays near that of chance, 1 - 1/N_a = {1 - 1 / ancilla:.3g}. "
            "Add one copy of each",
        )
