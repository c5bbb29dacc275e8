"""How many numbers must a classical network carry to translate without violations?

``networks``
    GRU, LSTM, linear state-space models and Transformers are trained on sentences of the task, with
    a latent vector of d numbers between the encoding part and the questions, and rated on fresh
    sentences; beside them the exact k-HRNN, with n qumodes.
``variants``
    The same networks, trained on nullifiers first; on weights of few levels, with latent numbers of
    few bits; or on questions about all weights at once.

Each sample is one run; runs take the learning rates in turn, so that each network has the same
budget of random search.

Sizes. A rate of violations is measured on about 4096 contexts and as many nullifiers: a rate of 1 %
has a standard error of 0.16 %, so that it is told from 0 by six of them, and from the 2 % of a
network that is only nearly good as well. The bound itself is about every network: it needs few runs
of each and all kinds. That networks with enough numbers succeed is what makes failures evidence,
and is judged by the best run, as a search has it. Three sizes, n = 3, 4, 5 at k = 2, are the least
for a slope: D goes from 3 to 10 there, and least dimensions that are whole numbers, off by one at
one end, change it by 0.25 to 0.1.

Questions are asked with positions 0 and 1 (``probe``), so that each is about the weight of one
hyperedge: what is learned is then memory and not multiplication, and the bound is the same, since
it counts weights that differ.
"""

from __future__ import annotations

from math import comb
from typing import Annotated, Literal

from pydantic import Field, model_validator

from trainscape.studies.contract import (
    Cell,
    Family,
    Group,
    Parameter,
    Purpose,
    Settings,
    Stage,
    StagePlan,
)
from trainscape.translation.learned.backend import check_networks

__all__ = ["GROUP", "NETWORKS", "MemorySettings", "NetworkName"]

NetworkName = Literal["gru", "lstm", "linear", "transformer"]
NETWORKS: tuple[NetworkName, ...] = ("gru", "lstm", "linear", "transformer")

STEP_SECONDS = {"gru": 0.75e-3, "lstm": 1.0e-3, "linear": 0.55e-3, "transformer": 1.6e-3}
"""Cost of one step at three encoding tokens, a width of 32 and 64 sentences, as measured."""

COMPILATION_SECONDS = 6.0


class System(Settings):
    """Sentences of one size, and the networks that are trained on them."""

    modes: int = Field(ge=2, le=12)
    """Number of modes n."""
    order: int = Field(2, ge=2, le=6)
    """Order k of the hyperedges."""
    networks: tuple[NetworkName, ...] = Field(NETWORKS, min_length=1)
    """Kinds of networks."""
    latent: tuple[Annotated[int, Field(ge=0, le=256)], ...] = Field(min_length=1)
    """Latent dimensions d, at most C(n, k) + 2."""
    runs: int = Field(ge=1)
    """Runs of each network at each latent dimension."""
    steps: int = Field(6000, ge=1)
    """Most steps of Adam in a run."""

    @model_validator(mode="after")
    def _has_an_edge(self) -> System:
        if self.order > self.modes:
            raise ValueError(
                f"order {self.order} for {self.modes} modes: a hyperedge joins at most all modes"
            )
        if max(self.latent) > self.edges + 2:
            raise ValueError(
                f"latent dimension {max(self.latent)} for {self.edges} hyperedges: networks are "
                f"made for at most {self.edges + 2} latent numbers"
            )
        return self

    @property
    def edges(self) -> int:
        """Number D of hyperedges."""
        return comb(self.modes, self.order)


class Variant(System):
    """Networks that are trained in two parts, on nullifiers and then on both questions."""

    first: int = Field(1000, ge=0)
    """Most steps on nullifiers alone; ``steps`` counts those on both questions."""
    positions: Literal["probe", "normal"] = "probe"
    """Positions of the modes that are not asked about: 0 and 1, or normal."""
    levels: int | None = Field(None, ge=3)
    """Levels of the weights, equally spaced on [-1, 1]; None for uniform weights."""
    bits: int | None = Field(None, ge=1, le=16)
    """Bits of each latent number; None for floating-point numbers."""


class MemorySettings(Settings):
    """Settings of the group."""

    systems: tuple[System, ...] = Field(min_length=1)
    """Sizes of the task."""
    variants: tuple[Variant, ...] = Field(min_length=1)
    """Networks on other sentences, of few bits, or with nullifiers first."""
    width: int = Field(32, ge=2, multiple_of=2)
    """Width of embeddings and layers."""
    batch: int = Field(64, ge=1)
    """Sentences of a step."""
    segment: int = Field(1000, ge=1)
    """Steps between two ratings on validation sentences."""
    sentences: int = Field(8192, ge=16)
    """Fresh sentences of a segment, of which its steps draw."""
    validation: int = Field(2048, ge=16)
    """Validation sentences."""
    test: int = Field(8192, ge=16)
    """Sentences on which a finished network is rated, half of them contexts."""
    rates: tuple[float, ...] = Field((3e-3, 1e-3, 3e-4), min_length=1)
    """Learning rates; run s takes that of number s modulo their count."""
    spacing: float = Field(0.4, gt=0, le=0.4)
    """Least distance of the three weights of a context."""
    positions: Literal["probe", "normal"] = "probe"
    """Positions of the modes that are not asked about: 0 and 1, or normal."""


def _tokens(system: System) -> float:
    """Return the tokens of a sentence, over those of three modes at order two."""
    return (system.edges + system.modes + 1) / 7


def _networks(own: MemorySettings) -> StagePlan:
    scale = (own.width / 32) ** 2 * own.batch / 64
    cells = []
    for system in own.systems:
        names = {"modes": system.modes, "order": system.order}
        player: dict[str, Parameter] = {
            "model": "khrnn",
            **names,
            "latent_dimension": system.modes,
            "steps": 0,
        }
        cells.append(Cell(parameters=player, samples=1, seconds=0.2, memory=2**28))
        for model in system.networks:
            step = STEP_SECONDS[model] * scale * _tokens(system)
            seconds = COMPILATION_SECONDS / max(system.runs, 2) + 1.5 * system.steps * step
            cells += [
                Cell(
                    parameters={
                        "model": model,
                        **names,
                        "latent_dimension": latent,
                        "steps": system.steps,
                    },
                    samples=system.runs,
                    seconds=seconds,
                    memory=2**30,
                )
                for latent in system.latent
            ]
    return StagePlan(
        sample="trained_networks",
        summary="violation_rates",
        cells=tuple(cells),
        block=1,
        options=own.model_dump(exclude={"systems", "variants"}),
    )


def _variants(own: MemorySettings) -> StagePlan:
    scale = (own.width / 32) ** 2 * own.batch / 64
    cells = [
        Cell(
            parameters={
                "model": model,
                "modes": one.modes,
                "order": one.order,
                "latent_dimension": latent,
                "steps": one.steps,
                "first": one.first,
                "positions": one.positions,
                "levels": one.levels or 0,
                "bits": one.bits or 0,
            },
            samples=one.runs,
            seconds=COMPILATION_SECONDS
            + 1.5 * (one.steps + one.first) * STEP_SECONDS[model] * scale * _tokens(one),
            memory=2**30,
        )
        for one in own.variants
        for model in one.networks
        for latent in one.latent
    ]
    return StagePlan(
        sample="trained_variants",
        summary="violation_rates",
        cells=tuple(cells),
        block=1,
        options=own.model_dump(exclude={"systems", "variants", "positions"}),
    )


def families(own: MemorySettings, shared: Settings) -> tuple[Family, ...]:
    """Return the families ``networks`` and ``variants``.

    Raises
    ------
    NetworksMissingError
        If the packages that train networks are not installed.
    """
    check_networks()
    seeds = {
        # Without model and latent dimension: all networks see the same sentences.
        Purpose.TRAINING: ("modes", "order"),
        Purpose.INPUTS: ("modes", "order"),
        Purpose.PARAMETERS: ("model", "modes", "order"),
    }
    return (
        Family(
            name="networks",
            title="trained networks with a latent vector of d numbers, and the exact player",
            stages={Stage.SIMULATE: _networks(own)},
            seeds=seeds,
        ),
        Family(
            name="variants",
            title="networks that learn nullifiers first, on other sentences or with few bits",
            stages={Stage.SIMULATE: _variants(own)},
            seeds=seeds,
        ),
    )


GROUP = Group(
    package=__name__,
    title="The memory that a classical network needs.",
    settings=MemorySettings,
    families=families,
)
