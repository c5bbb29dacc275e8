"""Named widths of patches."""

import math

import pytest

from trainscape.trainability.patch_laws import LAWS


def test_laws_are_the_widths_that_their_names_say():
    d = 144
    widths = {
        "D^-1": 1 / d,
        "D^-1/3": d ** (-1 / 3),
        "1": 1.0,
        "2 D^-1/2": 2 / 12,
        "sqrt(ln D / D)": math.sqrt(math.log(d) / d),
    }
    for law, width in widths.items():
        patch = LAWS[law].patch(d)
        assert (patch.kind, patch.size) == ("gaussian", pytest.approx(width))
    uniform = LAWS["uniform D^-1/2"].patch(d)
    assert (uniform.kind, uniform.size) == ("uniform", pytest.approx(1 / 12))
