"""Compute what the programs in `exported` give, with Qiskit, and store it beside them.

    python tests/circuits/io/openqasm/store_expected.py

needs `qiskit` and `qiskit-qasm3-import`, which the tests themselves do not. Nothing of trainscape is
used. The derivatives are differences of the sixth order. By a parameter of OpenQASM 2, which is an
angle in the text of the program, the text itself is changed.
"""

import json
import re
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "exported"
STORED = FOLDER / "expected.json"
STEP = 0.005
# Central differences of the sixth order.
DIFFERENCE = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}


def qiskit_circuit(text):
    """The circuit that Qiskit reads, without measurements and resets."""
    from qiskit import qasm2, qasm3

    if version(text) == 3:
        circuit = qasm3.loads(text)
    else:
        circuit = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    kept = circuit.copy_empty_like()
    for instruction in circuit.data:
        if instruction.operation.name not in ("measure", "reset", "barrier"):
            kept.append(instruction)
    return kept


def version(text):
    return int(re.search(r"OPENQASM\s+(\d)", text)[1])


def calls(text):
    """The places of the angles of calls outside of gate definitions, in an OpenQASM 2 text."""
    blank = re.sub(r"//[^\n]*", lambda found: " " * len(found[0]), text)
    blank = re.sub(r"(gate|opaque)\b[^{};]*(\{[^}]*\}|;)", lambda found: " " * len(found[0]), blank)
    places = []
    for found in re.finditer(r"\b[A-Za-z]\w*\s*\(", blank):
        if blank[: found.start()].rstrip()[-1:] not in (";", "}", "]", '"', ""):
            continue
        depth, start = 1, found.end()
        for position in range(found.end(), len(blank)):
            depth += {"(": 1, ")": -1}.get(blank[position], 0)
            if depth == 0 or (depth == 1 and blank[position] == ","):
                places.append((start, position))
                start = position + 1
            if depth == 0:
                break
    return places


def observable(num_qubits, seed):
    """Weights and words; the leftmost letter acts on qubit 0."""
    rng = np.random.default_rng(seed)
    words = {"".join(rng.choice(list("IXYZ"), num_qubits)) for _ in range(2 + num_qubits)}
    return [[round(float(rng.uniform(-1, 1)), 3), word] for word in sorted(words)]


def expectation(circuit, terms):
    from qiskit.quantum_info import SparsePauliOp, Statevector

    # Qiskit's leftmost letter acts on the last qubit.
    operator = SparsePauliOp.from_list([(word[::-1], weight) for weight, word in terms])
    return float(Statevector(circuit).expectation_value(operator).real)


def slope(function):
    """The derivative at 0."""
    return sum(
        weight * (function(k * STEP) - function(-k * STEP)) / STEP
        for k, weight in DIFFERENCE.items()
    )


def expected(text, seed):
    """What a program gives: the observable, the parameters, the value and the gradient."""
    circuit = qiskit_circuit(text)
    terms = observable(circuit.num_qubits, seed)
    result = {"observable": terms}
    if version(text) == 3:
        rng = np.random.default_rng(seed + 1)
        names = sorted(parameter.name for parameter in circuit.parameters)
        values = {name: round(float(rng.uniform(-2, 2)), 3) for name in names}

        def at(changed):
            return expectation(circuit.assign_parameters({**values, **changed}), terms)

        result["parameters"] = values
        result["value"] = at({})
        result["gradient"] = {
            name: slope(lambda shift, name=name: at({name: values[name] + shift})) for name in names
        }
        return result
    result["value"] = expectation(circuit, terms)
    result["gradient"] = []
    for start, end in calls(text):

        def shifted(shift, start=start, end=end):
            changed = f"{text[:start]}({text[start:end]})+({shift!r}){text[end:]}"
            return expectation(qiskit_circuit(changed), terms)

        result["gradient"].append(slope(shifted))
    return result


def all_expected():
    return {
        path.stem: expected(path.read_text(encoding="utf-8"), seed)
        for seed, path in enumerate(sorted(FOLDER.glob("*.qasm")))
    }


if __name__ == "__main__":
    STORED.write_text(json.dumps(all_expected(), indent=1, ensure_ascii=False) + "\n", "utf-8")
