"""Where one path is no surrogate, and by which rule that is judged.

In the ring of CX, R^2 rises to one with the number of qubits. The rule asks where it does not, at
D^-1/3, where it is derived to fall for the ring of CZ (`trainscape.studies.clifford.counterexamples
`). It was fixed before anything was measured.
"""

import math

from scipy.stats import norm

from trainscape.studies.clifford.counterexamples.cases import MEASURED
from trainscape.studies.contract import Stage
from trainscape.studies.kit.judge import Within
from trainscape.studies.kit.tables import estimate_at, select, to_frame
from trainscape.studies.reporting import Evidence, Results, claim
from trainscape.trainability.intervals import LEVEL, Estimate

WIDTH = "D^-1/3"
LEAST_QUBITS = 6
"""Size from which on a change counts."""

REASONS = {
    "CZ ring": "with a ring of CZ, whose order is two",
    "local string": "for strings of one letter",
}


@claim(
    "One Pauli path does not explain more of the encoded gradient in larger circuits {reason}.",
    origin="derived",
    source="N2 p^2 of further paths does not vanish; for the ring of CZ it is n^(1/3) / 10 or more",
    rule=Within(
        f"the change of R^2 of the leading path at {WIDTH} from the least n of {LEAST_QUBITS} or "
        "more to the largest (where paths are counted, an upper bound)",
        high=0.0,
        by="interval",
        least={"instances": 8, "sizes": 3},
    ),
    figure="path_shares",
    store=("counterexamples", Stage.GRADIENTS),
)
def many_paths(results: Results) -> list[Evidence]:
    """Return the change of the share with the size, for each case."""
    table = select(to_frame(results.summary("counterexamples", Stage.GRADIENTS)), law=WIDTH)
    found = []
    for case, reason in REASONS.items():
        rows = select(table, case=case).sort_values("qubits")
        counted = rows[rows["qubits"] >= LEAST_QUBITS]
        instances, samples = int(rows["instances"].min()), int(rows["instances"].sum())
        change = None
        if len(counted) > 1:
            first, last = counted.iloc[0], counted.iloc[-1]
            value = float(last["share"] - first["share"])
            error = math.hypot(first["share_error"], last["share_error"])
            half = float(norm.ppf((1 + LEVEL) / 2)) * error
            change = Estimate(value, error, value - half, value + half, LEVEL, samples, "normal")
        found.append(
            Evidence(
                data=change,
                counts={"instances": instances, "sizes": len(counted), "samples": samples},
                facts={
                    "share by n": dict(zip(rows["qubits"], rows["share"], strict=True)),
                    "N2 p^2 by n (medians)": dict(zip(rows["qubits"], rows["second"], strict=True)),
                },
                case=case.lower().replace(" ", "-"),
                words={"reason": reason},
            )
        )
    return found


@claim(
    "The path of the encoded term does not explain the encoded gradient of an observable of many "
    "terms.",
    origin="derived",
    source="other terms have derivatives of 1 or -1 at zero too; Heisenberg chain, at D^-1/2",
    rule=Within(
        "R^2 of the path of the encoded term, at the largest n,",
        high=0.9,
        by="interval",
        least={"instances": 8, "qubits": 8},
    ),
    figure="path_shares",
    store=("counterexamples", Stage.GRADIENTS),
)
def many_terms(results: Results) -> Evidence:
    """Return the share of one term's path; that of a path for each term is a fact."""
    table = select(to_frame(results.summary("counterexamples", Stage.GRADIENTS)), law="D^-1/2")
    one, every = (select(table, case=case).sort_values("qubits") for case in MEASURED)
    last, instances = one.iloc[-1], int(one["instances"].iloc[-1])
    return Evidence(
        data=estimate_at(last, "share", instances),
        counts={
            "instances": instances,
            "qubits": int(last["qubits"]),
            "samples": int(one["instances"].sum()),
        },
        facts={
            "share by n": dict(zip(one["qubits"], one["share"], strict=True)),
            "with a path for each term": dict(zip(every["qubits"], every["share"], strict=True)),
        },
    )
