from __future__ import annotations

import pytest

from trainscape.pipeline.site.formulas import as_html, as_plain


@pytest.mark.parametrize(
    ("text", "html", "plain"),
    [
        ("a < b & c", "a &lt; b &amp; c", "a < b & c"),
        ("costs $5", "costs $5", "costs $5"),
        (r"$Z^{\otimes n}$", "<i>Z</i><sup>⊗ <i>n</i></sup>", "Z^⊗ n"),
        (r"$D^{-1/2}$", "<i>D</i><sup>−1/2</sup>", "D^−1/2"),
        (r"$\theta_k$ is small", "<i>θ</i><sub><i>k</i></sub>", "θ_k is small"),
        (r"$\sqrt{2/\pi}\,\sigma$", "√(2/<i>π</i>) <i>σ</i>", "√(2/π) σ"),
        (r"$\frac{a}{b}$", "(<i>a</i>)/(<i>b</i>)", "(a)/(b)"),
        (r"$\mathrm{tr}\,\Delta$", "tr Δ", "tr Δ"),
        (r"$a<b$", "<i>a</i>&lt;<i>b</i>", "a<b"),
        (r"$\unheard x$", "unheard <i>x</i>", "unheard x"),
        (r"$x^$", "<i>x</i><sup></sup>", "x^"),
    ],
)
def test_formulas_are_written_with_letters_and_signs(text: str, html: str, plain: str):
    assert html in as_html(text)
    assert as_plain(text) == plain


def test_markup_in_a_text_is_no_markup():
    assert "<script" not in as_html("<script>$<script>$")
