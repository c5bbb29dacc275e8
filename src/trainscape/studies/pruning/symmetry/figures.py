"""Figures and tables of what symmetry gains on graphs and Hamiltonians."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.panels import guide, legend_below, log_axis, panels, series, size_axis
from trainscape.studies.kit.style import looks
from trainscape.studies.kit.tables import to_frame
from trainscape.studies.pruning.names import HAMILTONIAN_LABELS
from trainscape.studies.pruning.symmetry.large_laws import sector_law
from trainscape.studies.reporting import Plot, Results, Table

FAMILY_LABELS = {
    "complete": "complete",
    "star": "star",
    "bipartite": "complete bipartite",
    "multipartite": "complete multipartite",
    "friendship": "friendship",
    "spider": "spider",
}
SETS = {
    ("all", False): "3 to 6 vertices",
    ("all", True): "7 vertices, held out",
    ("regular", True): "3-regular, held out",
}
RATIO = r"$d\,/\,2^{n-1}$"


def graph_gains(results: Results) -> Plot:
    """Dimensions and parameters that symmetry saves on connected graphs."""
    table = to_frame(results.summary("small_graphs", Stage.SIMULATE))
    table["ratio"] = table["kinds"] / 2.0 ** (table["vertices"] - 1)
    chosen = dict(zip(SETS, looks(len(SETS)), strict=True))
    figure, (row,) = panels(3, width=2.2, height=2.3)
    first, second, third = row
    first.set(xscale="log", yscale="log", xlabel="automorphisms", ylabel=RATIO)
    second.set(xlabel="gain by the law (bits)", ylabel=r"gain $n-1-\log_2 d$ (bits)")
    third.set(yscale="log", xlabel="share of parameters saved", ylabel=RATIO)
    for key, rows in series(table, "source", "held_out"):
        look: dict[str, Any] = {**chosen[key], "linestyle": "none", "markersize": 3, "alpha": 0.6}
        # The less numerous lie on the others.
        look["zorder"] = 2 + 1 / len(rows)
        look["label"] = SETS[key]
        first.plot(rows["automorphisms"], rows["ratio"], **look)
        second.plot(rows["predicted"], rows["gain"], **look)
        third.plot(rows["saved"], rows["ratio"], **look)
    least = float(table["ratio"].min())
    orders = np.geomspace(1, 1 / least, 50)
    guide(first, orders, 1 / orders, label="1 / automorphisms")
    most = float(max(table["gain"].max(), table["predicted"].max()))
    guide(second, [0, most], [0, most], linestyle=(0, (4, 2)), label="law")
    log_axis(first)
    log_axis(first, "x")
    log_axis(third)
    legend_below(figure, row, columns=5)
    a, b = table["per_vertex"].iloc[0], table["per_edge"].iloc[0]
    caption = (
        f"MaxCut on {len(table)} connected graphs. (a) Effective dimension with tied parameters "
        "over that with free ones; symmetry alone gains the order of the group at most (line). (b) "
        f"Gain against the law, {a:.2f} bits for each orbit of vertices that is saved and {b:.2f} "
        "for each of edges, fitted to the graphs of up to six vertices. (c) Dimension against the "
        "parameters of a layer that orbits save."
    )
    return Plot(figure=figure, table=table, caption=caption)


def large_spaces(results: Results) -> Plot:
    """Effective dimensions of large symmetric graphs, with their closed forms."""
    table = to_frame(results.summary("large", Stage.SIMULATE)).sort_values("vertices")
    table["family"] = table["graph"].str.extract("([a-z]+)", expand=False)
    families = [name for name in FAMILY_LABELS if name in set(table["family"])]
    chosen = dict(zip(families, looks(len(families)), strict=True))
    figure, (row,) = panels(2, width=3.2, height=2.5)
    spaces, parameters = row
    spaces.set(yscale="log", xlabel="qubits $n$", ylabel="effective dimension $d$")
    parameters.set(yscale="log", xlabel="qubits $n$", ylabel="parameters of a layer")
    for name in families:
        rows = table[table["family"] == name]
        look = {**chosen[name], "linestyle": "none", "label": FAMILY_LABELS[name]}
        spaces.plot(rows["vertices"], rows["effective"], **look)
        parameters.plot(rows["vertices"], rows["parameters"], **look)
        if name in ("complete", "star"):
            between = np.arange(rows["vertices"].min(), rows["vertices"].max() + 1)
            laws = [sector_law(f"{name}{n}") for n in between]
            guide(spaces, between, laws, color=look["color"], label="closed form")
    sizes = sorted(set(table["vertices"]))
    dense = [n * (n - 1) // 2 + 3 * n for n in sizes]
    guide(parameters, sizes, dense, linestyle=(0, (4, 2)), label="dense ansatz")
    for axes in row:
        size_axis(axes, [n for n in sizes if n % 10 == 0] or sizes)
        log_axis(axes)
    legend_below(figure, row)
    caption = (
        "MaxCut on large graphs with few orbits of bit strings, from the state plus; exact. (a) "
        "Effective dimension with one parameter for each kind of gate; all have closed forms. Free "
        f"parameters reach {2.0 ** (max(sizes) - 1):.0e} dimensions at n = {max(sizes)}. (b) "
        "Parameters of a layer, one for each orbit, and before pruning."
    )
    return Plot(figure=figure, table=table, caption=caption)


def hamiltonian_symmetries(results: Results) -> Table:
    """Symmetries of spin Hamiltonians, found from their terms."""
    found = to_frame(results.summary("hamiltonians", Stage.SIMULATE))
    table = pd.DataFrame(
        {
            "Hamiltonian": [HAMILTONIAN_LABELS[name] for name in found["hamiltonian"]],
            "n": found["qubits"],
            "terms": found["terms"],
            "permutations": found["permutations"],
            "qubit orbits": found["qubit_orbits"],
            "term orbits": found["term_orbits"],
            "Pauli strings": found["strings"],
            "charges": found["charges"],
            "same if relabelled": found["same"].map({True: "yes", False: "no"}),
        }
    )
    caption = (
        "Permutations of qubits that leave a Hamiltonian as it is and their orbits, independent "
        "Pauli strings and sums of one-qubit Pauli matrices that commute with it. Relabelled: the "
        "qubits in a random order."
    )
    return Table(table=table, caption=caption)


def symmetric_graphs(results: Results) -> Table:
    """Count what pruning saves on graphs, by their number of vertices."""
    found = to_frame(results.summary("small_graphs", Stage.SIMULATE))
    rows = []
    for (source, n), part in series(found, "source", "vertices"):
        free = part["vertices"] + part["edges"]
        rows.append(
            {
                "graphs": "all connected" if source == "all" else "random 3-regular",
                "vertices": n,
                "number": len(part),
                "with a symmetry": int((part["automorphisms"] > 1).sum()),
                "d below 2^(n-1)": int((part["kinds"] < 2 ** (n - 1)).sum()),
                "d is the sector": int((part["kinds"] == part["sector"]).sum()),
                "kinds and orbits alike": int((part["kinds"] == part["orbits"]).sum()),
                "parameters, free": round(float(free.mean()), 2),
                "orbits": round(float((part["vertex_orbits"] + part["edge_orbits"]).mean()), 2),
                "gain (bits)": round(float(part["gain"].mean()), 3),
            }
        )
    caption = (
        "MaxCut on graphs: how many have an automorphism beside the identity, a smaller effective "
        "dimension d than with free parameters, the dimension of the symmetric sector, and the "
        "same with one parameter for each kind and for each orbit. Means: parameters of a layer, "
        "free and one for each orbit, and gain n - 1 - log2 d."
    )
    return Table(table=pd.DataFrame(rows), caption=caption)
