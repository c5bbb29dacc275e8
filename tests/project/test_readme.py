"""What the README shows is what comes out."""

import doctest
import re
import runpy
import shlex
import subprocess
import sys

import pandas as pd
import pytest

from trainscape.testing.figures import overlaps
from workspace import REPO

BLOCKS = dict(re.findall(r"```(\w+)\n(.*?)```", (REPO / "README.md").read_text(), re.DOTALL))


@pytest.mark.slow
def test_the_diagnosis(tmp_path):
    """``...`` stands for what the README leaves out."""
    (tmp_path / "mymodule.py").write_text(BLOCKS["python"])
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(BLOCKS["sh"])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert BLOCKS["txt"].count("\n...\n") == 4
    expected = f"...{BLOCKS['txt']}..."
    assert doctest.OutputChecker().check_output(expected, done.stdout, doctest.ELLIPSIS)


def test_the_picture():
    program = runpy.run_path(str(REPO / "docs/images/two_questions.py"))
    rows = [
        {
            "qubits": qubits,
            "scaled_width": width,
            "gradient": 10 ** -min(width, 4),
            "gradient_low": 10 ** -(min(width, 4) + 0.1),
            "gradient_high": 10 ** -(min(width, 4) - 0.1),
            "average_paths": 2 + width * qubits / 4,
        }
        for qubits in program["SIZES"]
        for width in program["WIDTHS"]
    ]
    figure = program["draw"](pd.DataFrame(rows))
    assert overlaps(figure) == []
    assert len(figure.axes[0].containers) == len(program["SIZES"])
    assert (REPO / "docs/images/two_questions.png").exists()
