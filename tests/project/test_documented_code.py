"""Code in the documentation runs and prints what the documentation says; pictures are drawn."""

import contextlib
import io
import re
import runpy

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


def test_the_picture_of_the_model():
    figure = runpy.run_path(str(REPO / "docs/images/k_hrnn.py"))["draw"]()
    assert overlaps(figure) == []
    assert (REPO / "docs/images/k_hrnn.png").exists()
