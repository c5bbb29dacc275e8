"""Results of the interface for Python show themselves: as text, in a notebook, and as a picture."""

import io
import math
import subprocess
import sys

import pytest

from trainscape import api
from trainscape.testing.figures import overlaps

RESULTS = {
    "encode": lambda: api.encode(api.hardware_efficient(3, 2, "ring"), "ZZZ", parameter=1),
    "fit_scaling": lambda: api.fit_scaling(
        range(4, 14), [2.0**-n * (1 + 0.01 * (n % 3)) for n in range(4, 14)], stretched=True
    ),
    "prune": lambda: api.prune("ZZI + IZZ + ZIZ", api.dense_layer(3)),
    "sectors": lambda: api.sectors(["XXI + YYI", "IXX + IYY"]),
}


@pytest.fixture(params=RESULTS)
def shown(request):
    return RESULTS[request.param]()


def test_a_notebook_shows_the_text(shown):
    text = str(shown)
    assert not text.startswith(type(shown).__name__)
    page = shown._repr_html_()
    assert page.startswith("<pre>")
    assert text.splitlines()[0].replace(">", "&gt;") in page


def test_the_picture_can_be_read(shown):
    figure = shown.plot()
    figure.savefig(io.BytesIO(), format="png")
    assert overlaps(figure) == []
    assert all(axes.lines or axes.patches for axes in figure.axes)


def test_the_picture_of_an_encoder_is_the_law_of_its_derivative():
    found = RESULTS["encode"]()
    line = found.plot().axes[0].lines[0]
    width = line.get_xdata()[100]
    mean_cosine = math.exp(-(width**2) / 2)
    assert line.get_ydata()[100] == pytest.approx(mean_cosine ** (len(found.cosines) + 1))


def test_the_picture_of_sectors_shares_out_the_space():
    found = RESULTS["sectors"]()
    assert sum(bar.get_height() for bar in found.plot().axes[0].patches) == pytest.approx(1.0)


def test_names_complete_after_importing_the_package_alone():
    program = (
        "import rlcompleter, trainscape\n"
        "complete = rlcompleter.Completer({'trainscape': trainscape}).complete\n"
        "print(complete('trainscape.ap', 0), complete('trainscape.api.mom', 0))\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    first, second = done.stdout.split()
    assert first == "trainscape.api"
    assert second.startswith("trainscape.api.moments")
