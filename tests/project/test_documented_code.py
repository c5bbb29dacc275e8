"""Code in the documentation runs and prints what the documentation says; pictures are drawn."""

import contextlib
import doctest
import io
import re
import runpy
import shlex
import subprocess
import sys

import pandas as pd
import pytest

from trainscape.testing.figures import overlaps
from workspace import REPO

BLOCKS = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


@pytest.mark.parametrize("page", ["k-hrnn.md"])
def test_python_blocks(page: str):
    """A block of text behind one of Python is what it prints."""
    blocks = BLOCKS.findall((REPO / "docs" / page).read_text())
    assert any(language == "python" for language, _ in blocks)
    names: dict[str, object] = {}
    printed = ""
    for language, code in blocks:
        if language == "python":
            with contextlib.redirect_stdout(io.StringIO()) as stream:
                exec(compile(code, page, "exec"), names)
            printed = stream.getvalue()
        elif language == "text":
            assert code == printed, f"{page}: the code prints\n{printed}"


@pytest.mark.slow
def test_what_the_readme_shows_of_a_diagnosis(tmp_path):
    """``...`` stands for what the README leaves out."""
    blocks = dict(BLOCKS.findall((REPO / "README.md").read_text()))
    (tmp_path / "ansatz.py").write_text(blocks["python"])
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(blocks["sh"])],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    expected = f"...{blocks['text']}..."
    assert doctest.OutputChecker().check_output(expected, done.stdout, doctest.ELLIPSIS)


def test_the_picture_of_the_model():
    figure = runpy.run_path(str(REPO / "docs/images/k_hrnn.py"))["draw"]()
    assert overlaps(figure) == []
    assert (REPO / "docs/images/k_hrnn.png").exists()


def test_the_picture_of_the_two_questions():
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
