"""Short files that ask for much, and long ones: one sentence and exit code 2, in bounded memory."""

import io
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Command

OLD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\n'
NEW = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[2] q;\n'
NESTED = "gate g0 a { h a; h a; }\n" + "".join(
    f"gate g{k} a {{ g{k - 1} a; g{k - 1} a; }}\n" for k in range(1, 40)
)

PROGRAMS = {
    "a million gates": (
        OLD + 1_000_000 * "h q[0];\n",
        "more than 5000000 words, numbers and signs",
    ),
    "a million gates of 3": (NEW + 1_000_000 * "h q[0];\n", "more than 1200000 words"),
    "no gates, but signs": (NEW + 2_000_000 * ";", "more than 1200000 words"),
    "gates inside gates": (OLD + NESTED + "g39 q[0];\n", "more than 500000 gates"),
    "many controls": (NEW + "ctrl(1000000000) @ x q[0], q[1];\n", ""),
    "a tower of powers": (NEW + "rx(9**9**9**9) q[0];\n", ""),
    "a long loop": (NEW + "for int i in [0:1000000000] { h q[0]; }\n", "more than 500000"),
    "a long loop of nothing": (NEW + "for int i in [0:10000000000] { }\nh q[0];\n", ""),
    "a wide register": (OLD + "qreg r[1000000000];\nh q[0];\n", "1000000002 qubits, more than"),
    "brackets": (NEW + "rx(" + 20_000 * "(" + "1" + 20_000 * ")" + ") q[0];\n", "100 brackets"),
    "brackets of 2": (
        OLD + "rx(" + 20_000 * "(" + "1" + 20_000 * ")" + ") q[0];\n",
        "100 brackets, signs",
    ),
    "a long sum": (OLD + "rx(1" + 20_000 * "+1" + ") q[0];\nbarrier r;\n", ""),
    "a long sum of 3": (NEW + "rx(1" + 20_000 * "+1" + ") q[0];\nbarrier r;\n", ""),
    "signs": (OLD + "rx(" + 100_000 * "-" + "1) q[0];\nbarrier r;\n", "100 brackets, signs"),
}

LONG = {"a million gates", "gates inside gates", "a long loop", "a long loop of nothing"}
"""Those that are read until the bound is reached, for some seconds."""

TEXTS = {
    "300,000 generators": (300_000 * "XX\n", "more than 4096 generators"),
    "a large file": (2**22 * "X\n", "is larger than 4 MiB"),
    "many sites": (40 * "X" + "\n", "40 sites, and up to 16"),
    "a far site": ("X0 X1000000000\n", ""),
}


@pytest.fixture
def bounded() -> Iterator[None]:
    """Allow 1.5 GiB of memory more than there is: without a bound in the code, more is needed."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + 3 * 2**29, hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, limits the address space")


def check(outcome: tuple[int, str, str], path: Path, reason: str) -> None:
    code, output, messages = outcome
    assert (code, output) == (2, "")
    assert reason in messages
    # Of a program, the line is named; there is one program in a command.
    assert messages.startswith(("error: line ", f"error: {path}"))
    assert messages.count("\n") == 1
    assert len(messages) < 1000


@pytest.mark.fault(
    part="trust",
    fault="a circuit of few letters asks for 10^9 gates, qubits, controls or rounds, or has 10^6 lines",
    promise="one sentence, exit code 2, bounded memory",
)
@linux
@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in PROGRAMS],
)
def test_programs(command: Command, tmp_path: Path, name: str):
    path = tmp_path / "a.qasm"
    text, reason = PROGRAMS[name]
    path.write_text(text)
    check(command("evaluate", path, "-o", "ZZ"), path, reason)


@pytest.mark.fault(
    part="trust",
    fault="generators: 300,000 of them, a large file, many sites",
    promise="one sentence, exit code 2, bounded memory",
)
@linux
@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("name", TEXTS)
def test_generators(command: Command, tmp_path: Path, name: str):
    path = tmp_path / "a.txt"
    text, reason = TEXTS[name]
    path.write_text(text)
    check(command("sectors", path), path, reason)


def header(shape: tuple[int, ...], kind: str = "<f8") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_2_0(
        file, {"descr": kind, "fortran_order": False, "shape": shape}
    )
    return file.getvalue()


ARRAYS = {
    "a header that lies": (header((200_000, 200_000)), "holds 298 GiB of arrays"),
    "a huge header": (header((10**40, 10**40)), "GiB of arrays, and up to 2 GiB are read"),
    "a stack of small ones": (header((10**7, 2, 2), "|i1"), "more than 4096 generators"),
    "bytes that become numbers": (header((20_000, 20_000), "|i1"), "holds 2.98 GiB of arrays"),
    "zeros, 3 GB of them": (b"zeros", "GiB of arrays, and up to 2 GiB are read"),
}


@pytest.mark.fault(
    part="trust",
    fault="an .npz file whose headers promise more than there is, or that grows a thousandfold",
    promise="one sentence, exit code 2, bounded memory",
)
@linux
@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("name", ARRAYS)
def test_arrays(command: Command, tmp_path: Path, name: str):
    path = tmp_path / "a.npz"
    content, reason = ARRAYS[name]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("h0.npy", content)
        if content == b"zeros":
            entry = archive.infolist()[0]
            entry.file_size = 3 * 10**9  # as a bomb of 3 MB says, and is not read to see whether
    check(command("sectors", path), path, reason)


@pytest.mark.parametrize("text", [100_000 * "[" + 100_000 * "]", 50_000 * '{"a":', "9" * 10**6])
def test_angles(command: Command, tmp_path: Path, text: str):
    circuit, angles = tmp_path / "a.qasm", tmp_path / "angles.json"
    circuit.write_text(NEW + "input float t;\nrx(t) q[0];\n")
    angles.write_text(text)
    check(command("evaluate", circuit, "-o", "ZZ", "--angles", angles), angles, "")
