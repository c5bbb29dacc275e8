"""The comparison with PennyLane's demonstration: its closed form, its counts, its table, its page."""

import itertools
import re

import numpy as np
import pytest
from benchmarks.barren_plateau.__main__ import (
    BEGIN,
    END,
    HERE,
    SIZES,
    WAYS,
    Run,
    code_lines,
    exact_moment,
    table,
)

from workspace import REPO

PAULIS = {
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]).astype(complex),
}


def rotation(axis: str, angle: float) -> np.ndarray:
    return np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * PAULIS[axis]


def loss(axes: tuple[str, ...], angles: tuple[float, ...]) -> float:
    """The probability of all zeros, by matrices of the whole register."""
    operator = np.eye(1)
    for axis, angle in zip(axes, angles, strict=True):
        operator = np.kron(operator, rotation(axis, angle) @ rotation("Y", np.pi / 4))
    state = operator[:, 0]
    n = len(axes)
    bits = np.arange(2**n)[:, None] >> np.arange(n)[::-1] & 1
    state = state * (-1.0) ** (bits[:, :-1] * bits[:, 1:]).sum(axis=1)  # CZ along the chain
    return float(abs(state[0]) ** 2)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_the_closed_form(n: int):
    """Means of trigonometric polynomials of degree two over the circle are those over six points."""
    points = np.arange(6) * np.pi / 3
    squares = []
    for axes in itertools.product("XYZ", repeat=n):
        for angles in itertools.product(points, repeat=n):
            head, last = angles[:-1], angles[-1]
            up, down = (loss(axes, (*head, last + step)) for step in (np.pi / 2, -np.pi / 2))
            squares.append(((up - down) / 2) ** 2)
    assert np.mean(squares) == pytest.approx(exact_moment(n), rel=1e-12)


def test_lines_of_code():
    source = '"""A docstring\nof two lines."""\n\n# a comment\nx = [\n    1,\n]\n\n\ndef f():\n    return x\n'
    assert code_lines(source) == 5
    counts = {way: code_lines((HERE / name).read_text()) for way, name in WAYS.items()}
    assert all(20 < count < 50 for count in counts.values())


def test_the_table():
    values = tuple(exact_moment(n) for n in SIZES)
    runs = {"PennyLane": Run(30, 4.25, values), "trainscape": Run(34, 3.0, values)}
    text = table(runs)
    assert "| lines of code | 30 | 34 | |" in text
    assert "| seconds of one core | 4.2 | 3.0 | |" in text
    assert "| rate of a straight line | -0.751 | -0.751 | -0.751 |" in text


def test_the_page_has_what_was_measured():
    page = (REPO / "docs/barren-plateau.md").read_text()
    measured = page.split(BEGIN)[1].split(END)[0]
    for way, name in WAYS.items():
        assert (REPO / f"docs/images/barren_plateau_{way.lower()}.png").exists()
        assert str(code_lines((HERE / name).read_text())) in measured
    rates = re.search(r"\| rate of a straight line \| (\S+) \| (\S+) \| -0\.751 \|", measured)
    assert rates is not None
