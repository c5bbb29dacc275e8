"""Draw docs/images/k_hrnn.png: ``python docs/images/k_hrnn.py``, with the environment active."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Polygon
from scipy.spatial import ConvexHull

from trainscape.studies.kit.style import COLOURS, style

BLUE, ORANGE, GREEN, GREY = COLOURS[0], COLOURS[1], COLOURS[2], COLOURS[7]


def box(axes: Axes, x: float, y: float, width: float, text: str, colour: str) -> None:
    """Draw a rounded box around its centre."""
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.27),
            width,
            0.54,
            boxstyle="round,pad=0.02,rounding_size=0.1",
            facecolor=colour + "22",
            edgecolor=colour,
        )
    )
    axes.text(x, y, text, ha="center", va="center", fontsize=8)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw an arrow between two points."""
    axes.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, color=GREY, shrinkA=0)
    )


def sentence(axes: Axes) -> None:
    """Draw the cells that read a sentence."""
    words = (
        (r"ENC $e, g$", r"gate $e^{i g q_e}$", ""),
        (r"PREP $m, y$", r"$q_m = y$", ""),
        (r"CTX $s, t, w$", "phase\nestimation", r"$\theta_1$"),
    )
    places = (1.15, 3.35, 5.55)
    axes.text(-0.35, 1.0, "memory", ha="right", va="center", fontsize=8, color=BLUE)
    axes.text(-0.35, 2.0, "sentence", ha="right", va="center", fontsize=8)
    axes.text(-0.35, 0.0, "translation", ha="right", va="center", fontsize=8, color=ORANGE)
    arrow(axes, (-0.25, 1.0), (places[0] - 0.78, 1.0))
    for number, (x, (word, action, answer)) in enumerate(zip(places, words, strict=True)):
        axes.text(x, 2.0, word, ha="center", va="center", fontsize=8)
        arrow(axes, (x, 1.83), (x, 1.33))
        box(axes, x, 1.0, 1.5, action, BLUE)
        end = places[number + 1] - 0.78 if number < 2 else x + 1.35
        arrow(axes, (x + 0.78, 1.0), (end, 1.0))
        axes.text(
            (x + 0.78 + end) / 2, 1.12, rf"$|\varphi_{number + 1}\rangle$", ha="center", fontsize=8
        )
        arrow(axes, (x, 0.7), (x, 0.2))
        axes.text(x, 0.0, answer or "(empty)", ha="center", va="center", fontsize=8, color=ORANGE)
    axes.set(xlim=(-1.9, 7.1), ylim=(-0.3, 2.5))
    axes.set_title("a  a sentence is read word by word", loc="left", fontsize=9)


def blob(axes: Axes, corners: np.ndarray, colour: str, radius: float) -> None:
    """Draw a hyperedge as a band around its modes: the hull of circles about them."""
    turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    points = (corners[:, None] + circle).reshape(-1, 2)
    outline = points[ConvexHull(points).vertices]
    axes.add_patch(Polygon(outline, facecolor=colour + "33", edgecolor=colour, lw=1.2))


def hypergraph(axes: Axes) -> None:
    """Draw the memory: modes and some of their hyperedges."""
    angles = np.pi / 2 + 2 * np.pi * np.arange(5) / 5
    modes = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    edges = ((0, 1, 2), (0, 3, 4), (2, 3, 4))
    looks = zip(edges, (BLUE, ORANGE, GREEN), (0.3, 0.36, 0.24), strict=True)
    for members, colour, radius in looks:
        blob(axes, modes[list(members)], colour, radius)
    axes.plot(*modes.T, "o", color=GREY, markersize=13)
    for number, (x, y) in enumerate(modes):
        axes.text(x, y, f"$q_{number}$", color="white", ha="center", va="center", fontsize=8)
    axes.text(0, -1.72, "5 qumodes, 10 weights $w_e$", ha="center", va="center", fontsize=8)
    axes.set(xlim=(-1.9, 1.9), ylim=(-1.9, 1.75), aspect="equal")
    axes.set_title(r"b  the memory: $\varphi = \Sigma_e w_e\, q_e$", loc="left", fontsize=9)


def draw() -> Figure:
    """Return the picture."""
    with style():
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(7.2, 2.5), width_ratios=(2.35, 1), layout="constrained"
        )
        for axes in (left, right):
            axes.set_axis_off()
        sentence(left)
        hypergraph(right)
        return figure


if __name__ == "__main__":
    draw().savefig(Path(__file__).with_suffix(".png"), dpi=200)
