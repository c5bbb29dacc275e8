"""Draw docs/images/two_questions.png from the table of a figure.

make figures STUDY=clifford GROUP=surrogates
python docs/images/two_questions.py results/laptop/clifford/figures/transition_map.csv
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from trainscape.studies.kit.style import style

SIZES = (4, 6, 10, 16, 32)
MARKERS = "osD^v"
WIDTHS = (0.125, 0.25, 0.5, 1, 2, 4)


def draw(table: pd.DataFrame) -> Figure:
    """Return the picture of a table with a row for each number of qubits and each width."""
    table = table.sort_values("scaled_width")
    colours = plt.get_cmap("viridis")(np.linspace(0.0, 0.85, len(SIZES)))
    with style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.1), layout="constrained")
        for size, colour, marker in zip(SIZES, colours, MARKERS, strict=True):
            rows = table[table["qubits"] == size]
            look = {"color": colour, "marker": marker, "markersize": 4, "linewidth": 1.2}
            ends = (
                rows["gradient"] - rows["gradient_low"],
                rows["gradient_high"] - rows["gradient"],
            )
            left.errorbar(
                rows["scaled_width"], rows["gradient"], np.abs(ends), label=f"{size} qubits", **look
            )
            right.plot(rows["scaled_width"], 10 ** rows["average_paths"], **look)
        left.set_ylim(1e-5, 3)
        left.set_ylabel(r"mean squared derivative $E[g_k^2]$")
        left.set_title("Do gradients vanish?", fontsize=10)
        right.set_ylabel("Pauli paths for an error of 10 %")
        right.set_title("Could a classical computer have done it?", fontsize=10)
        for letter, axes in zip("ab", (left, right), strict=True):
            axes.set_xscale("log")
            axes.set_yscale("log")
            axes.xaxis.set_major_locator(FixedLocator(WIDTHS))
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(FuncFormatter(lambda width, _: f"{width:g}"))
            axes.set_xlabel(r"width of the patch, $\sigma\sqrt{D}$")
            axes.text(-0.16, 1.06, letter, transform=axes.transAxes, fontweight="bold")
        figure.legend(loc="outside lower center", ncols=len(SIZES), frameon=False)
    return figure


if __name__ == "__main__":
    draw(pd.read_csv(sys.argv[1])).savefig(Path(__file__).with_suffix(".png"), dpi=150)
