"""How much noise may there be until a classical network without memory does as well?

``squeezing``
    Contexts of three weights a distance apart at finite squeezing; for order 3 the third mode of
    the edge is prepared at a random position.
``jitter``
    The second moment of a nullifier with an error in every gate, against squeezing.
``graph_noise``
    The task of three graph states, with depolarisation and with flips of the readout.
``lost_contexts``, ``lost_moments``
    Contexts and nullifiers after loss.

A threshold comes from about ten points of some 40000 shots each: its error is about 0.5 % of the
noise, a sixth of the limit of 3 %. Moments of 40000 shots have errors of 0.7 % and more, and twenty
of them a mean ratio within 0.3 %.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from trainscape.studies.contract import (
    BLOCK,
    Cell,
    Family,
    Group,
    Purpose,
    Settings,
    Stage,
    StagePlan,
)

__all__ = ["GROUP"]

Order = Annotated[int, Field(ge=2, le=6)]
ContextOrder = Annotated[int, Field(ge=2, le=3)]
Decibels = Annotated[float, Field(ge=0, le=60)]
Spacing = Annotated[float, Field(gt=0, le=2)]
Probability = Annotated[float, Field(ge=0, le=0.75)]
Readout = Annotated[float, Field(ge=0, le=0.5)]
Share = Annotated[float, Field(ge=0, le=0.5)]


class Edges(Settings):
    """A system in which every gate has an error, or every mode a loss."""

    modes: int = Field(ge=2, le=16)
    """Number of modes n."""
    order: Order = 2
    """Order k of the gates."""


class Jitter(Edges):
    """A system in which every gate has an error."""

    jitter: float = Field(gt=0, le=1)
    """Standard deviation of the weight of a gate."""


class NoiseSettings(Settings):
    """Settings of the group."""

    spacings: dict[ContextOrder, tuple[Spacing, ...]] = Field(min_length=1)
    """For the orders 2 and 3, distances of neighbouring weights."""
    decibels: tuple[Decibels, ...] = Field(min_length=5)
    """Squeezing in dB."""
    jitters: tuple[Jitter, ...] = Field(min_length=1)
    """Systems with errors of gates."""
    depolarising: tuple[Probability, ...] = Field(min_length=5)
    """Probabilities of depolarisation of each qubit."""
    readout: tuple[Readout, ...] = Field(min_length=5)
    """Probabilities that a check is read wrongly."""
    losses: tuple[Share, ...] = Field(min_length=5)
    """Lost shares of the photons."""
    lost: tuple[Edges, ...] = Field(min_length=1)
    """Systems whose nullifiers are measured after loss."""
    lost_spacing: Spacing = 0.5
    """Distance of the weights of the contexts that are measured after loss."""
    lost_decibels: Decibels = 15.0
    """Squeezing in dB before loss."""
    tolerance: float = Field(math.pi / 3, gt=0, lt=math.pi)
    """Angle in radians beyond which an answer is a violation."""
    shots: int = Field(1280, ge=1)
    """Shots of a sample; there are 32 samples."""


def _families(
    name: str,
    title: str,
    step: str,
    cells: Iterable[dict[str, Any]],
    tables: tuple[str, str | None],
    seconds: float,
    **options: Any,
) -> Family:
    table, thresholds = tables
    stages = {
        Stage.SIMULATE: StagePlan(
            sample=step,
            summary=table,
            cells=tuple(
                Cell(parameters=parameters, samples=BLOCK, seconds=seconds, memory=2**26)
                for parameters in cells
            ),
            options=options,
        )
    }
    if thresholds:
        stages[Stage.THRESHOLDS] = StagePlan(
            summary=thresholds, summary_reads=(Stage.SIMULATE,), options=options
        )
    names = ("order", "modes", "spacing", "jitter", "kind")
    return Family(
        name=name,
        title=title,
        stages=stages,
        seeds={Purpose.SHOTS: names, Purpose.BOOTSTRAP: ()},
    )


def families(own: NoiseSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families of all kinds of noise."""
    shots = {"shots": own.shots, "tolerance": own.tolerance}
    cost = 1e-7 * own.shots
    rates, moments = ("rate_table", "crossings"), "moment_table"
    lost = {"decibels": own.lost_decibels, "levels": own.losses}
    return (
        _families(
            "squeezing",
            "violations of contexts at finite squeezing",
            "squeezed_contexts",
            (
                {"order": order, "spacing": spacing}
                for order, spacings in own.spacings.items()
                for spacing in spacings
            ),
            rates,
            2.2 * cost * len(own.decibels),
            levels=own.decibels,
            **shots,
        ),
        _families(
            "jitter",
            "second moments of nullifiers with errors of gates",
            "jittered_nullifiers",
            ({"modes": one.modes, "order": one.order, "jitter": one.jitter} for one in own.jitters),
            (moments, "optima"),
            3 * cost * len(own.decibels),
            levels=own.decibels,
            shots=own.shots,
        ),
        _families(
            "graph_noise",
            "violations of the task of three graph states",
            "noisy_graph_states",
            ({"kind": kind} for kind in ("depolarising", "readout")),
            rates,
            cost * len(own.depolarising),
            depolarising=own.depolarising,
            readout=own.readout,
            **shots,
        ),
        _families(
            "lost_contexts",
            "violations of contexts after loss",
            "lost_contexts",
            ({"order": 2, "spacing": own.lost_spacing},),
            rates,
            2 * cost * len(own.losses),
            **lost,
            **shots,
        ),
        _families(
            "lost_moments",
            "second moments of nullifiers after loss",
            "lost_nullifiers",
            ({"modes": one.modes, "order": one.order} for one in own.lost),
            (moments, None),
            3 * cost * len(own.losses),
            shots=own.shots,
            **lost,
        ),
    )


GROUP = Group(
    package=__name__,
    title="Squeezing, errors of gates, loss, depolarisation and readout.",
    settings=NoiseSettings,
    families=families,
)
