"""A picture of a layer before and after pruning.

::

    before                       after
    q0 -[X]-[Y]-[Z]-[Z]-         q0 -[X]-[Z]-----
    q1 -[X]-[Y]-[Z]-[Z]-   ->    q1 -[X]-[Z]-[Z]-      dashed: removed; one colour: one parameter
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from trainscape.physics.pauli import PauliString
from trainscape.pruning.layers import LayerGate
from trainscape.pruning.result import PrunedAnsatz

__all__ = ["draw_layer"]

COLUMN, ROW, LEFT, TOP = 0.3, 0.32, 0.45, 0.35
"""Inches of a gate, of a qubit, and of the margins."""

BOX = 0.36
"""Half the side of a gate's box, in units of a column."""

NUM_COLOURS = 10


def draw_layer(layer: Sequence[LayerGate], pruned: PrunedAnsatz) -> Figure:
    """Draw the gates of a layer, those that are removed dashed, and the gates that are left.

    Gates that share a parameter have one colour (colours repeat after ten) and its number.

    Parameters
    ----------
    layer
        The unpruned layer; fixed gates are left out.
    pruned
        What the compiler made of the ansatz.
    """
    numbers = {
        string: number
        for number, block in enumerate(pruned.layer)
        for generator in block.generators
        for _, string in generator.terms
    }
    before = [string for gate in layer if gate.generator for _, string in gate.generator.terms]
    after = list(numbers)
    n = pruned.hamiltonian.num_qubits
    columns = [_columns(strings) for strings in (before, after)]
    widths = [max(chosen, default=0) + 1 for chosen in columns]
    figure = Figure(figsize=(COLUMN * sum(widths) + 3 * LEFT, ROW * n + 2 * TOP))
    grid = figure.add_gridspec(1, 2, width_ratios=widths)
    for place, (title, strings) in enumerate((("before", before), ("after", after))):
        axes = figure.add_subplot(grid[place])
        _wires(axes, n, widths[place], title)
        for string, column in zip(strings, columns[place], strict=True):
            _gate(axes, string, column, numbers)
    figure.set_layout_engine("constrained")
    return figure


def _columns(strings: Sequence[PauliString]) -> list[int]:
    """Return a column for each gate: the first in which all wires that it crosses are free."""
    free: dict[int, int] = {}
    columns = []
    for string in strings:
        crossed = range(string.support[0], string.support[-1] + 1)
        column = max(free.get(qubit, 0) for qubit in crossed)
        free |= dict.fromkeys(crossed, column + 1)
        columns.append(column)
    return columns


def _wires(axes: Axes, num_qubits: int, width: int, title: str) -> None:
    for qubit in range(num_qubits):
        axes.plot([-0.7, width - 0.3], [qubit, qubit], color="0.7", linewidth=0.7, zorder=0)
    axes.set_xlim(-0.7, width - 0.3)
    axes.set_ylim(num_qubits - 0.4, -0.6)
    axes.set_yticks(range(num_qubits), [f"$q_{{{qubit}}}$" for qubit in range(num_qubits)])
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(title, fontsize=9, pad=2)


def _gate(axes: Axes, string: PauliString, column: int, numbers: Mapping[PauliString, int]) -> None:
    """Draw a rotation: a box with its letter on each qubit, joined by a line."""
    number = numbers.get(string)
    kept = number is not None
    colour = to_hex(colormaps["tab10"](number % NUM_COLOURS)) if number is not None else "0.45"
    style = "-" if kept else (0, (3, 2))
    support = string.support
    axes.plot([column] * 2, [support[0], support[-1]], color=colour, linestyle=style, linewidth=1)
    for qubit in support:
        axes.text(
            column,
            qubit,
            f"${string.label[qubit]}_{{{number}}}$" if kept else string.label[qubit],
            ha="center",
            va="center",
            fontsize=7,
            color="white" if kept else "0.35",
            bbox={
                "boxstyle": "square,pad=0.25",
                "facecolor": colour if kept else "white",
                "edgecolor": colour,
                "linestyle": style,
                "linewidth": 0.8,
            },
        )
