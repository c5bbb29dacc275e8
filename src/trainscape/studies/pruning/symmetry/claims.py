"""What is claimed of symmetries, orbits and gains, and by which rules it is judged."""

from __future__ import annotations

import numpy as np
import pandas as pd

from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import AllBelow, Share, Within
from trainscape.studies.kit.tables import select, to_frame
from trainscape.studies.pruning.symmetry import FITTED
from trainscape.studies.pruning.symmetry.group_laws import group_law
from trainscape.studies.reporting import Evidence, Results, claim

GRAPHS = ("small_graphs", Stage.SIMULATE)
HAMILTONIANS = ("hamiltonians", Stage.SIMULATE)
LARGE = ("large", Stage.SIMULATE)

SMALL_GRAPHS, SEVEN = 141, 853
"""Connected graphs of three to six vertices, and of seven."""


def _graphs(results: Results) -> pd.DataFrame:
    return to_frame(results.summary(*GRAPHS))


def _small(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["source"] == "all") & (table["vertices"] <= FITTED)]


def _held_out(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["source"] == "all") & (table["vertices"] > FITTED)]


def _differing(table: pd.DataFrame, name: str, other: str) -> dict[str, str]:
    """Name the first graphs in which two columns differ, with both."""
    return {
        f"{row['source']}, n = {row['vertices']}, {row['edges']} edges, number {row['graph']}": (
            f"{row[name]} and {row[other]}"
        )
        for row in table[table[name] != table[other]].head(20).to_dict("records")
    }


def _differences(table: pd.DataFrame, name: str, other: str) -> Evidence:
    """Return how far two columns are apart, relatively."""
    values = np.abs(table[name] / table[other] - 1.0)
    counts = {"graphs": len(table)}
    return Evidence(data=list(values) or None, counts=counts, facts=_differing(table, name, other))


@claim(
    "On every connected graph of three to six vertices the tied ansatz reaches all of the "
    "symmetric sector, and so a largest cut.",
    origin="derived",
    source="orbits of bit strings under automorphisms and the flip, against the cyclic space",
    rule=AllBelow("the relative difference", limit=0.0, least={"graphs": SMALL_GRAPHS}),
    figure="graph_gains",
    store=GRAPHS,
)
def symmetric_sector(results: Results) -> Evidence:
    return _differences(_small(_graphs(results)), "kinds", "sector")


@claim(
    "One parameter for each kind of gate and one for each orbit give the same effective "
    "dimension, on every small graph.",
    origin="paper",
    source="a lemma of a later paper of the same group (MG-Net, NeurIPS 2024)",
    rule=AllBelow("the relative difference", limit=0.0, least={"graphs": SMALL_GRAPHS}),
    figure="symmetric_graphs",
    store=GRAPHS,
)
def graph_grouping(results: Results) -> Evidence:
    return _differences(_graphs(results), "orbits", "kinds")


@claim(
    "What pruning finds does not depend on how the vertices and qubits are numbered.",
    origin="check",
    source="groups, orbits, gates, parameters and dimensions of randomly relabelled inputs",
    rule=Share("the equality of all numbers", at_least=1.0, least={"inputs": SMALL_GRAPHS}),
    figure="hamiltonian_symmetries",
    store=GRAPHS,
)
def relabelling(results: Results) -> Evidence:
    graphs = _graphs(results)
    same = list(graphs[graphs["relabelled"]]["same"])
    same += list(to_frame(results.summary(*HAMILTONIANS))["same"])
    return Evidence(data=same or None, counts={"inputs": len(same)})


@claim(
    "The compiler leaves the gates of the cut alone, with one parameter for each orbit.",
    origin="check",
    source="orbits of vertices and edges, counted apart from the compiler",
    rule=AllBelow("the relative difference", limit=0.0, least={"graphs": SMALL_GRAPHS}),
    figure="symmetric_graphs",
    store=GRAPHS,
)
def compiled_counts(results: Results) -> Evidence:
    table = _graphs(results)
    table = table[table["parameters"] > 0]
    orbits = table["vertex_orbits"] + table["edge_orbits"]
    gates = table["vertices"] + table["edges"]
    values = [
        *np.abs(table["parameters"] / orbits - 1.0),
        *np.abs(table["gates"] / gates - 1.0),
    ]
    return Evidence(data=values or None, counts={"graphs": len(table)})


@claim(
    "Groups, orbits, Pauli symmetries and charges of spin Hamiltonians are found from their terms.",
    origin="check",
    source="dihedral groups, and strings and charges by hand",
    rule=AllBelow("the relative difference", limit=0.0, least={"numbers": 50}),
    figure="hamiltonian_symmetries",
    store=HAMILTONIANS,
)
def hamiltonian_laws(results: Results) -> Evidence:
    values, facts = [], {}
    for row in to_frame(results.summary(*HAMILTONIANS)).to_dict("records"):
        for name, law in group_law(row["hamiltonian"], row["qubits"]).items():
            values.append(abs(row[name] / law - 1.0) if law else float(abs(row[name])))
            if values[-1]:
                facts[f"{row['hamiltonian']}, n = {row['qubits']}, {name}: {row[name]}"] = law
    return Evidence(data=values or None, counts={"numbers": len(values)}, facts=facts)


@claim(
    "The number of orbits of bit strings is the effective dimension on graphs of seven vertices.",
    origin="derived",
    source="the statement for up to six vertices, tested on graphs it was not found on",
    rule=Share("the equality", at_least=0.95, conditional_above=0.5, least={"graphs": SEVEN}),
    figure="symmetric_graphs",
    store=GRAPHS,
)
def held_out_sector(results: Results) -> Evidence:
    table = _held_out(_graphs(results))
    return Evidence(
        data=list(table["kinds"] == table["sector"]) or None,
        counts={"graphs": len(table)},
        facts=_differing(table, "kinds", "sector"),
    )


@claim(
    "On graphs of seven vertices tied parameters shrink the space if and only if a permutation "
    "moves a vertex.",
    origin="derived",
    source="an automorphism leaves the state plus as it is; the converse as found on small graphs",
    rule=Share("the equivalence", at_least=1.0, least={"graphs": SEVEN}),
    figure="symmetric_graphs",
    store=GRAPHS,
)
def held_out_gain(results: Results) -> Evidence:
    table = _held_out(_graphs(results))
    moved = table["vertex_orbits"] < table["vertices"]
    gained = table["kinds"] < 2 ** (table["vertices"] - 1)
    facts = {"graphs that gain": int(gained.sum()), "graphs with a symmetry": int(moved.sum())}
    return Evidence(data=list(moved == gained) or None, counts={"graphs": len(table)}, facts=facts)


@claim(
    "The parameters that orbits save predict the gain in dimension on graphs of seven vertices.",
    origin="derived",
    source="a linear law in orbits of vertices and edges, fitted to all graphs of up to six",
    rule=Within("the explained share of the variance", low=0.8, least={"graphs": SEVEN}),
    figure="graph_gains",
    store=GRAPHS,
)
def orbit_law(results: Results) -> Evidence:
    table = _graphs(results)
    held, regular = _held_out(table), select(table, source="regular")
    if not len(held):
        return Evidence(data=None, counts={"graphs": 0})
    errors = (held["gain"] - held["predicted"]).abs()
    whole = float(((held["gain"] - held["gain"].mean()) ** 2).sum())
    facts = {
        "bits for each orbit of vertices saved": float(table["per_vertex"].iloc[0]),
        "bits for each orbit of edges saved": float(table["per_edge"].iloc[0]),
        "median error, bits": float(errors.median()),
        "largest error, bits": float(errors.max()),
    }
    if len(regular):
        median = (regular["gain"] - regular["predicted"]).abs().median()
        facts["median error on 3-regular graphs, bits"] = float(median)
    share = 1 - float((errors**2).sum()) / whole
    return Evidence(data=share, counts={"graphs": len(held)}, facts=facts)


@claim(
    "Symmetric graphs of twenty to forty vertices have effective dimensions that grow as powers of "
    "n: their closed forms.",
    origin="derived",
    source="multisets of the patterns of equal classes of vertices",
    rule=AllBelow("the relative difference", limit=0.0, least={"graphs": 12, "qubits": 40}),
    figure="large_spaces",
    store=LARGE,
)
def large_laws(results: Results) -> Evidence:
    table = to_frame(results.summary(*LARGE))
    found = {
        f"{row['graph']}: {row['effective']} and {row['law']}": abs(
            row["effective"] / row["law"] - 1.0
        )
        for row in table.to_dict("records")
    }
    counts = {"graphs": len(table), "qubits": int(table["vertices"].max())}
    facts = {name: value for name, value in found.items() if value > 0}
    return Evidence(data=list(found.values()) or None, counts=counts, facts=facts)
