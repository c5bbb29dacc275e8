"""Other recurrent networks with the phase of a hypergraph state in place of their memory.

One family, ``streams``: networks of two layers, each a gated recurrent unit or linear attention,
whose memory is either numbers or the phase of a hypergraph state on n qumodes. They copy symbols,
translate sentences of the task, and predict the characters of a text. Compared are, layer by layer,

``numbers``, n of them
    equal declared qumodes: one number for each qumode;
``phase`` of order k
    n qumodes, whose phase has a coefficient for each product of at most k positions;
``phase`` of order 1
    the ablation: n qumodes without products, and hence n coefficients;
``numbers``, as many as the phase of order k has coefficients
    what a classical network needs to have the same memory.

Sizes. Two layers of four modes have 8 numbers or 20 coefficients, between which lies the number of
weights of sentences with five modes (D = 10): below D - 1 = 9 every continuous network misses.
Eight symbols of an alphabet of eight are 24 bits, three for each of eight numbers. 2048 test
sequences tell shares of wrong answers apart by 5 standard errors from 5 % on for translation (one
answer each), and from 2 % on for copying (eight). The fifth of the text at its end has about 800
characters: differences below 7 % are not told there, and the claim on texts is about larger ones.
"""

from __future__ import annotations

from math import comb
from typing import Literal

from pydantic import Field, model_validator

from trainscape.studies.contract import Cell, Family, Group, Purpose, Settings, Stage, StagePlan
from trainscape.translation.corpus_files import corpus_digest
from trainscape.translation.learned.backend import check_networks

__all__ = ["GROUP", "ArchitectureSettings", "Trial"]

STEP_SECONDS = 2e-3
"""Cost of a step of 32 sequences with 16 tokens, at a width of 32, as measured."""

COMPILATION_SECONDS = 6.0


class Trial(Settings):
    """A task, an architecture, and how long its four networks are trained."""

    task: Literal["copying", "translation", "text"]
    """What is learned."""
    architecture: Literal["recurrent", "attention"]
    """Gated recurrent units, or linear attention."""
    steps: int = Field(ge=8)
    """Steps of Adam in a run."""
    runs: int = Field(ge=1)
    """Runs of each network."""


class ArchitectureSettings(Settings):
    """Settings of the group."""

    trials: tuple[Trial, ...] = Field(min_length=1)
    """What is trained."""
    modes: int = Field(4, ge=2, le=12)
    """Qumodes n of a layer, and numbers of its classical counterpart."""
    order: int = Field(2, ge=2, le=4)
    """Order k of the phase."""
    sentence_modes: int = Field(5, ge=2, le=12)
    """Modes of the sentences that are translated, of order two."""
    copied: int = Field(8, ge=1)
    """Symbols that are copied."""
    alphabet: int = Field(8, ge=2, le=27)
    """Different symbols that are copied."""
    text: str = "genesis"
    """``genesis``, ``address`` or ``rhyme``, which come along, or else the path of a text."""
    length: int = Field(16, ge=2)
    """Tokens of a sequence."""
    width: int = Field(32, ge=2)
    """Width of embeddings and layers."""
    batch: int = Field(32, ge=1)
    """Sequences of a step."""
    segments: int = Field(4, ge=1)
    """Ratings of a run, after equal numbers of steps."""
    sequences: int = Field(8192, ge=16)
    """Fresh sequences of a segment, of which its steps draw."""
    test: int = Field(2048, ge=16)
    """Sequences on which networks are rated."""
    rates: tuple[float, ...] = Field((1e-2, 3e-3), min_length=1)
    """Largest learning rates; run s takes that of number s modulo their count."""

    @model_validator(mode="after")
    def _fits(self) -> ArchitectureSettings:
        if self.order > self.modes:
            raise ValueError(
                f"order {self.order} for {self.modes} modes: a product joins at most all modes"
            )
        if self.text not in ("genesis", "address", "rhyme"):
            corpus_digest(self.text)
        return self


def _cells(own: ArchitectureSettings, trial: Trial) -> list[Cell]:
    coefficients = sum(comb(own.modes, degree) for degree in range(1, own.order + 1))
    cost = STEP_SECONDS * (own.width / 32) ** 2 * own.batch / 32 * own.length / 16
    kinds = (
        ("numbers", own.modes),
        ("numbers", coefficients),
        ("phase", 1),
        ("phase", own.order),
    )
    return [
        Cell(
            parameters={
                "task": trial.task,
                "architecture": trial.architecture,
                "memory": memory,
                "used": used,
                "modes": own.modes,
                "order": own.order,
                "steps": trial.steps,
            },
            samples=trial.runs,
            seconds=COMPILATION_SECONDS / 4 + trial.steps * cost,
            memory=2**30,
        )
        for memory, used in kinds
    ]


def families(own: ArchitectureSettings, shared: Settings) -> tuple[Family, ...]:
    """Return the family ``streams``.

    Raises
    ------
    NetworksMissingError
        If the packages that train networks are not installed.
    """
    check_networks()
    digest = "" if own.text in ("genesis", "address", "rhyme") else corpus_digest(own.text)
    plan = StagePlan(
        sample="trained_streams",
        summary="stream_rates",
        cells=tuple(cell for trial in own.trials for cell in _cells(own, trial)),
        block=1,
        options={**own.model_dump(exclude={"trials", "modes", "order"}), "digest": digest},
    )
    seeds = {
        # Without the network: all see the same sequences.
        Purpose.TRAINING: ("task",),
        Purpose.INPUTS: ("task",),
        Purpose.PARAMETERS: ("task", "architecture", "memory"),
    }
    title = "networks with a phase in place of their memory"
    return (Family(name="streams", title=title, stages={Stage.SIMULATE: plan}, seeds=seeds),)


GROUP = Group(
    package=__name__,
    title="Hypergraph states as the memory of other networks.",
    settings=ArchitectureSettings,
    families=families,
)
