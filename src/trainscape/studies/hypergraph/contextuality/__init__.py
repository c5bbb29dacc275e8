"""Which memories must be told apart, what that costs a classical model, and do data ask for it?

Six families:

``graphs``
    Classes of graph states that Pauli contexts do not tell apart, counted.
``triples``
    All triples of weights on a grid, and whether the magic square tells them apart.
``machines``
    The task on a grid of weights: machines with few states, found by a search that knows no
    formula, beside the exact player. A sample is one search and a batch of sentences.
``packing``
    One latent number for all weights, by discontinuous steps. A sample is a batch of sentences.
``planted``
    The estimator of contextuality on sources whose answer is known. A sample is one draw.
``corpora``
    The estimator on texts and other sequences, beside shuffled answers (a sample is one shuffle)
    and the least number of hidden states that predicts them.

Numbers follow from what the claims tell apart. A rate of 1/3 from 20 batches of 1000 sentences has
a standard error of 0.0033, so that the allowed 0.02 are six of them; at 0.0095, the least rate that
is not zero, it is 0.0007. A packed model that lacks one bit is wrong in a fifth of the sentences
about one of at most six edges: 2000 sentences miss it with a probability below 1e-100. With 39
shuffles, an estimate above all of them has a p-value of 1/40. A rank correlation of 16 sequences is
told from zero from 0.5 on.
"""

from __future__ import annotations

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
from trainscape.translation.corpus_files import corpus_digest

__all__ = ["GROUP", "ContextualitySettings", "Corpus"]

Edges = Annotated[int, Field(ge=1, le=10)]
LevelBits = Annotated[int, Field(ge=2, le=40)]
Levels = Annotated[int, Field(ge=3, le=64)]
States = Annotated[int, Field(ge=1, le=64)]


class Corpus(Settings):
    """A sequence of symbols."""

    source: Literal["genesis", "address", "rhyme", "file", "chain", "frame", "machine"]
    """A text that comes with the package, a file, or a generated source."""
    alphabet: Literal["letters", "classes", "bases"] = "classes"
    """How characters of a text or a file become symbols."""
    path: str = ""
    """The file, for the source ``file``."""
    states: int = Field(4, ge=1, le=12)
    """States of a ``machine``."""
    shuffled: bool = False
    """Whether the symbols are put into a random order: a control."""
    prefix: int = Field(4, ge=1, le=8)
    """Symbols of a prefix."""
    query: int = Field(1, ge=0, le=3)
    """Symbols between the prefix and the answer."""

    @model_validator(mode="after")
    def _file_is_there(self) -> Corpus:
        if (self.source == "file") != bool(self.path):
            raise ValueError("a corpus has a path if its source is 'file', and else none")
        if self.path:
            corpus_digest(self.path)
        return self


class Machines(Settings):
    """Machines on the task with pairs of modes."""

    modes: int = Field(ge=2, le=5)
    """Number of modes n."""
    levels: Levels
    """Weights N on each edge."""
    states: tuple[States, ...] = Field(min_length=1)
    """Classes m that a machine keeps of each weight."""


class ContextualitySettings(Settings):
    """Settings of the group."""

    vertices: tuple[Annotated[int, Field(ge=2, le=4)], ...] = (2, 3, 4)
    """Numbers of qubits of graph states."""
    grid: Levels = 16
    """Levels of the weights whose triples are all tested."""
    grid_modes: tuple[Annotated[int, Field(ge=2, le=4)], ...] = (2, 3)
    """Numbers of modes at which they are."""
    machines: tuple[Machines, ...] = Field(min_length=1)
    """Machines that are searched for."""
    searches: int = Field(20, ge=2)
    """Searches for each machine, each with its own sentences."""
    sentences: int = Field(1000, ge=1)
    """Sentences for each search."""
    packing: dict[Edges, tuple[LevelBits, ...]] = Field(min_length=1)
    """For each number of edges D, numbers of bits of a weight."""
    packed_batches: int = Field(8, ge=2)
    """Batches of sentences for each packed model."""
    packed_sentences: int = Field(250, ge=1)
    """Sentences of a batch."""
    planted_grids: dict[Edges, tuple[Annotated[int, Field(ge=4, le=12, multiple_of=2)], ...]]
    """For each number of edges D, even numbers of levels N of planted sentences."""
    planted_machines: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    """Numbers of states of planted machines."""
    draws: int = Field(10, ge=2)
    """Draws of each planted source."""
    corpora: tuple[Corpus, ...] = Field(min_length=1)
    """Sequences whose contextuality is estimated."""
    length: int = Field(5000, ge=500, le=10**6)
    """Symbols of a generated sequence, and most symbols of a file."""
    prefixes: int = Field(48, ge=4, le=512)
    """Most prefixes, the most frequent ones."""
    count: int = Field(8, ge=1)
    """How often a prefix must have met a query to be counted."""
    shuffles: int = Field(39, ge=2)
    """Shuffles of the answers of each sequence."""
    hidden: tuple[Annotated[int, Field(ge=1, le=64)], ...] = Field((1, 2, 3, 4, 6, 8, 12))
    """Numbers of hidden states of the models that are fitted."""
    restarts: int = Field(2, ge=1)
    """Fits of each from random starts, of which the likeliest counts."""
    steps: int = Field(40, ge=1)
    """Steps of each fit."""


def _corpus_cell(corpus: Corpus, own: ContextualitySettings) -> dict[str, str | int]:
    name: str = corpus.source
    if corpus.source in ("genesis", "address", "rhyme", "file"):
        name += f", {corpus.alphabet}"
    if corpus.source == "machine":
        name += f", {corpus.states} states"
    if corpus.shuffled:
        name += ", shuffled"
    return {
        "corpus": name,
        **corpus.model_dump(),
        # The text itself keys what is computed from it, not the name of the file alone.
        "content": corpus_digest(corpus.path) if corpus.path else "",
        "length": own.length,
    }


def _corpora(own: ContextualitySettings) -> Family:
    names = [_corpus_cell(corpus, own) for corpus in own.corpora]
    fits = own.restarts * sum(0.03 * (1 + states / 8) for states in own.hidden)
    limits = {"prefixes": own.prefixes, "count": own.count}
    hidden: dict[str, Parameter] = {
        "hidden": own.hidden,
        "steps": own.steps,
        "restarts": own.restarts,
    }

    def cells(samples: int | None, seconds: float) -> tuple[Cell, ...]:
        return tuple(
            Cell(parameters=name, samples=samples, seconds=seconds, memory=2**27) for name in names
        )

    return Family(
        name="corpora",
        title="contextuality and hidden states of sequences",
        stages={
            Stage.DATASET: StagePlan(
                sample="corpus_supports", cells=cells(None, 0.035), options=limits
            ),
            Stage.SIMULATE: StagePlan(
                sample="shuffled_supports",
                cells=cells(own.shuffles, 0.008),
                reads=(Stage.DATASET,),
                block=1,
                options=limits,
            ),
            Stage.THRESHOLDS: StagePlan(
                sample="hidden_states",
                summary="data_table",
                cells=cells(None, fits * own.length / 5000),
                reads=(Stage.DATASET,),
                summary_reads=(Stage.DATASET, Stage.SIMULATE),
                options=hidden,
            ),
        },
        seeds=dict.fromkeys(
            (Purpose.INSTANCE, Purpose.INPUTS, Purpose.SEARCH, Purpose.TRAINING),
            ("source", "states", "alphabet", "content", "shuffled"),
        ),
    )


def _planted(own: ContextualitySettings) -> Family:
    grids: list[dict[str, Parameter]] = [
        {"kind": "grid", "edges": edges, "size": levels}
        for edges, sizes in own.planted_grids.items()
        for levels in sizes
    ]
    machines: list[dict[str, Parameter]] = [
        {"kind": "machine", "edges": 1, "size": size} for size in own.planted_machines
    ]
    cells = tuple(
        Cell(parameters=parameters, samples=own.draws, seconds=0.03, memory=2**27)
        for parameters in (*grids, *machines)
    )
    return Family(
        name="planted",
        title="the estimator of contextuality where the answer is known",
        stages={
            Stage.SIMULATE: StagePlan(
                sample="planted_estimates",
                summary="recovery",
                cells=cells,
                block=1,
                options={"prefixes": own.prefixes, "count": own.count},
            )
        },
        seeds=dict.fromkeys(
            (Purpose.INSTANCE, Purpose.INPUTS, Purpose.SEARCH), ("kind", "edges", "size")
        ),
    )


def families(own: ContextualitySettings, shared: Settings) -> tuple[Family, ...]:
    """Return the six families."""
    graphs = tuple(Cell(parameters={"vertices": n}, seconds=0.02) for n in own.vertices)
    triples = tuple(
        Cell(parameters={"modes": modes, "levels": own.grid}, seconds=0.03, memory=2**27)
        for modes in own.grid_modes
    )
    machines = tuple(
        Cell(
            parameters={"modes": each.modes, "levels": each.levels, "states": states},
            samples=own.searches,
            seconds=1.6e-7 * each.levels**4 * states + 4e-6 * own.sentences,
            memory=2**27,
        )
        for each in own.machines
        for states in each.states
    )
    packing = tuple(
        Cell(
            parameters={"edges": edges, "level_bits": bits},
            samples=own.packed_batches,
            seconds=2e-5 * own.packed_sentences * edges,
            memory=2**26,
        )
        for edges, sizes in own.packing.items()
        for bits in sizes
    )
    return (
        Family(
            name="graphs",
            title="classes of graph states that Pauli contexts do not tell apart",
            stages={Stage.SIMULATE: StagePlan(sample="graph_classes", cells=graphs)},
        ),
        Family(
            name="triples",
            title="magic squares of all triples of weights",
            stages={Stage.SIMULATE: StagePlan(sample="grid_triples", cells=triples)},
            seeds={Purpose.INSTANCE: ("modes", "levels")},
        ),
        Family(
            name="machines",
            title="machines with few states, and the exact player",
            stages={
                Stage.SIMULATE: StagePlan(
                    sample="machine_plays",
                    summary="machine_rates",
                    cells=machines,
                    block=1,
                    options={"sentences": own.sentences},
                )
            },
            # Without the states: all machines, and the player, read the same sentences.
            seeds={
                Purpose.INPUTS: ("modes", "levels"),
                Purpose.SHOTS: ("modes", "levels"),
                Purpose.SEARCH: ("modes", "levels", "states"),
            },
        ),
        Family(
            name="packing",
            title="one latent number for all weights",
            stages={
                Stage.SIMULATE: StagePlan(
                    sample="packed_plays",
                    summary="packed_rates",
                    cells=packing,
                    block=1,
                    options={"sentences": own.packed_sentences},
                )
            },
            seeds={Purpose.INPUTS: ("edges", "level_bits")},
        ),
        _planted(own),
        _corpora(own),
    )


GROUP = Group(
    package=__name__,
    title="What classical memories must tell apart, and whether data ask for it.",
    settings=ContextualitySettings,
    families=families,
)
