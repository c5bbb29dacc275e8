"""Random streams are keyed by what a sample is, never by when or where it is drawn."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainscape.pipeline.chunk import _generator
from trainscape.runtime.seeds import cell_words, generator
from trainscape.studies.contract import Purpose

PARAMETERS = {"sites": 4, "ratio": 0.5, "encoder": True, "model": "tl"}
NAMES = ("sites", "ratio", "model")
ENTROPY = 2**100 + 17


def draws(
    entropy: int = ENTROPY,
    purpose: int = 2,
    names: tuple[str, ...] = NAMES,
    sample: int = 0,
    **changes: Any,
) -> list[float]:
    return list(
        generator(entropy, purpose, cell_words({**PARAMETERS, **changes}, names), sample).random(4)
    )


def test_known_answers():
    # Every result that anybody has rests on these numbers.
    assert cell_words(PARAMETERS, NAMES) == (2811688807, 3470195390, 1023397363, 1444127471)
    assert generator(12345, Purpose.PARAMETERS, (1, 2, 3, 4), 7).integers(
        2**32, size=4
    ).tolist() == [
        4115420065,
        580272988,
        93684785,
        430567230,
    ]
    assert [
        int(purpose)
        for purpose in (
            Purpose.INSTANCE,
            Purpose.PARAMETERS,
            Purpose.TRAINING,
            Purpose.SHOTS,
            Purpose.BOOTSTRAP,
            Purpose.INPUTS,
        )
    ] == [*range(1, 7)]


@pytest.mark.parametrize(
    "change",
    [
        {"entropy": ENTROPY + 1},
        {"purpose": 3},
        {"sample": 1},
        {"sites": 6},
        {"ratio": 0.5 + 2**-53},
        {"sites": 4.0},
    ],
)
def test_everything_that_names_a_sample_changes_its_stream(change: dict[str, Any]):
    assert draws(**change) != draws()


def test_comparisons_are_paired():
    # What a comparison varies is not among the names.
    assert draws(encoder=False) == draws(encoder=True)
    assert draws(names=(*NAMES, "encoder"), encoder=False) != draws(
        names=(*NAMES, "encoder"), encoder=True
    )
    assert draws(names=(*NAMES, "absent")) == draws()


@given(
    order=st.permutations(list(PARAMETERS)),
    names=st.permutations(NAMES),
    samples=st.permutations(range(6)),
)
def test_no_order_matters(order: list[str], names: list[str], samples: list[int]):
    words = cell_words({name: PARAMETERS[name] for name in order}, names)
    assert words == cell_words(PARAMETERS, NAMES)
    found = {sample: generator(ENTROPY, 2, words, sample).random() for sample in samples}
    assert [found[sample] for sample in range(6)] == [
        draws(sample=sample)[0] for sample in range(6)
    ]


def test_streams_of_neighbouring_samples_are_uncorrelated():
    words = cell_words(PARAMETERS, NAMES)
    values = np.array(
        [generator(ENTROPY, 2, words, sample).normal(size=64) for sample in range(64)]
    )
    correlations = np.corrcoef(values) - np.eye(64)
    # 2016 pairs of 64 normal numbers: the largest correlation of independent ones is below 0.6 with
    # a probability of 1 - 1e-4.
    assert np.abs(correlations).max() < 0.6


def test_no_global_state_is_read_or_written():
    np.random.seed(0)  # noqa: NPY002 - what must not matter
    before = np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002
    first = draws()
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]  # noqa: NPY002
    np.random.seed(1)  # noqa: NPY002
    assert draws() == first


def test_purpose_without_declared_seeds_is_an_error():
    with pytest.raises(KeyError, match=r"declares no seeds for the purpose SHOTS.*Family\.seeds"):
        _generator(ENTROPY, {2: (1, 2, 3, 4)}, Purpose.SHOTS, 0)
