"""The sequence of symbols that a cell names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainscape.studies.contract import CellContext, Purpose
from trainscape.translation.corpora import (
    ALPHABETS,
    Automaton,
    markov_chain,
    reading_frame,
    text_symbols,
)
from trainscape.translation.corpus_files import corpus_digest, corpus_text
from trainscape.translation.texts import ADDRESS, GENESIS, rhyme

__all__ = ["MACHINE_SYMBOLS", "alphabet_size", "machine", "sequence"]

MACHINE_SYMBOLS = 8
TEXTS = {"genesis": GENESIS, "address": ADDRESS, "rhyme": rhyme()}
BASES = 4


def alphabet_size(cell: CellContext) -> int:
    """Return the number of symbols."""
    if cell["source"] in ("chain", "frame"):
        return BASES
    return MACHINE_SYMBOLS if cell["source"] == "machine" else ALPHABETS[cell["alphabet"]]


def machine(cell: CellContext, states: int, index: int = 0) -> Automaton:
    """Return the random machine of a cell."""
    rng = cell.generator(Purpose.INSTANCE, index)
    return Automaton.random(rng, states, symbols=MACHINE_SYMBOLS)


def sequence(cell: CellContext) -> NDArray[np.int64]:
    """Return the symbols.

    Raises
    ------
    ValueError
        If the file of a corpus is not what it was when the presets were read.
    """
    source, length = cell["source"], int(cell["length"])
    rng = cell.generator(Purpose.INPUTS, 0)
    if source == "chain":
        symbols = markov_chain(rng, length, BASES)
    elif source == "frame":
        symbols = reading_frame(rng, length)
    elif source == "machine":
        symbols = machine(cell, int(cell["states"])).run(rng, length)
    else:
        if source == "file" and corpus_digest(cell["path"]) != cell["content"]:
            raise ValueError(
                f"the corpus {cell['path']} was changed since the presets were read: start the "
                "command again"
            )
        text = corpus_text(cell["path"]) if source == "file" else TEXTS[source]
        symbols = text_symbols(text, cell["alphabet"])
        symbols = symbols[:length] if source == "file" else symbols
    return rng.permutation(symbols) if cell["shuffled"] else symbols
