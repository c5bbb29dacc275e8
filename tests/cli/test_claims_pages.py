from __future__ import annotations

from typing import Any

import pytest

from trainscape.cli.claims_pages import BEGIN, END, claims_text, write_claims
from trainscape.pipeline.errors import ConfigError

RECORDS: list[dict[str, Any]] = [
    {
        "id": "bound-|x|",
        "origin": "derived",
        "statement": "The bound |x| holds.",
        "verdict": "conditional",
        "reason": "3 of 4 systems",
        "measured": 0.5,
        "interval": [0.25, 0.75],
    },
    {
        "id": "law",
        "origin": "paper",
        "statement": "A law.",
        "verdict": "reproduced",
        "reason": "",
        "measured": None,
        "interval": None,
    },
    {
        "id": "other-law",
        "origin": "paper",
        "statement": "Another.",
        "verdict": "reproduced",
        "reason": "",
        "measured": 2.0,
        "interval": None,
    },
]


def test_claims_are_listed_by_origin_with_their_counts():
    text = claims_text(RECORDS, study="toy", preset="laptop")
    paper, derived = text.index("**Said by the paper**"), text.index("**Derived here**")
    assert paper < text.index("A law.") < derived < text.index("The bound")
    assert "**Said by the paper**: 2 reproduced." in text
    assert "Checks of the code" not in text
    row = (
        r"| The bound \|x\| holds. `bound-\|x\|` | conditional: 3 of 4 systems | 0.5 [0.25, 0.75] |"
    )
    assert row in text.splitlines()
    assert "| A law. `law` | reproduced |  |" in text.splitlines()


def test_only_what_stands_between_the_comments_is_written(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"# Title\n\n{BEGIN}\nold\n{END}\nend\n")
    assert write_claims(page, "new")
    assert page.read_text() == f"# Title\n\n{BEGIN}\nnew\n{END}\nend\n"
    assert not write_claims(page, "new")


@pytest.mark.parametrize("text", ["nothing", f"{END} {BEGIN}", BEGIN])
def test_a_page_without_a_place_is_left_alone(tmp_path, text):
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(ConfigError, match="has no place for the claims"):
        write_claims(page, "new")
    assert page.read_text() == text
