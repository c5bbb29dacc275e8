"""Settings, layout of sentences, and features."""

import numpy as np
import pytest

from trainscape.translation.sentences import sample_sentences
from trainscape.translation.vocabulary import TaskSettings, Token, feature_names, features


def test_lengths():
    """D + n + 1 for contexts: D gates, n - 2 positions, three questions."""
    assert TaskSettings(5, 2).length == 10 + 5 + 1
    assert TaskSettings(4, 3, question="nullifier").length == 4 + 4
    both = TaskSettings(4, 3, question="mixed", displacements=2, kicks=1)
    assert (both.encoding_length, both.length) == (7, 12)
    assert (TaskSettings(4, 2).weight_dimension, TaskSettings(4, 2, "ref").weight_dimension) == (
        6,
        5,
    )


def test_layout():
    settings = TaskSettings(4, 3, question="mixed", displacements=2, kicks=1, kappa=True)
    sentences = sample_sentences(np.random.default_rng(1), settings, 50)
    assert sentences.length == settings.length
    encoding = np.sort(sentences.kind[:, :7], axis=1)
    assert (encoding == [Token.ENC] * 4 + [Token.DISPLACE] * 2 + [Token.KICK]).all()
    edges = np.where(sentences.kind == Token.ENC, sentences.edge, 99)
    np.testing.assert_array_equal(np.sort(edges, axis=1)[:, :4], np.tile(np.arange(4), (50, 1)))
    context = sentences[sentences.is_context]
    assert (context.kind[:, 7:] == [Token.PREP] * 2 + [Token.CTX] * 3).all()
    assert (context.modes[:, -1, 0] < context.modes[:, -1, 1]).all()
    other = sentences[~sentences.is_context]
    assert (other.kind[:, 7:] == [Token.PREP] * 3 + [Token.NUL, Token.PAD]).all()
    assert 0 < len(context) < 50
    for part, asked in ((context, 2), (other, 1)):
        first = int(part.question_start[0])
        named = np.concatenate([part.modes[:, 7:first, 0], part.modes[:, first, :asked]], axis=1)
        np.testing.assert_array_equal(np.sort(named, axis=1), np.tile(np.arange(4), (len(part), 1)))
    asked = np.isin(sentences.kind, (Token.CTX, Token.NUL))
    np.testing.assert_array_equal(np.isnan(sentences.answers), ~asked)


def test_measured_positions_are_answers():
    settings = TaskSettings(4, 2, measured=True)
    sentences = sample_sentences(np.random.default_rng(2), settings, 20)
    measured = sentences.kind == Token.POS
    assert measured.sum() == 40
    np.testing.assert_array_equal(sentences.answers[measured], sentences.payload[measured][:, 0])


def test_features():
    settings = TaskSettings(3, 2, question="mixed")
    sentences = sample_sentences(np.random.default_rng(3), settings, 8)
    table = features(sentences)
    names = feature_names(settings)
    assert table.shape == (8, settings.length, len(names)) == (8, 7, 8 + 3 + 3 + 3)
    for b, place in np.ndindex(8, 7):
        row = dict(zip(names, table[b, place], strict=True))
        kind = Token(int(sentences.kind[b, place]))
        assert [name for name in names[:8] if row[name]] == [f"token {kind.name}"]
        edge = sentences.edge[b, place]
        shown = [number for number in range(3) if row[f"edge {settings.monomials.edges[number]}"]]
        assert shown == ([edge] if edge >= 0 else [])
        modes = sentences.modes[b, place]
        assert [m for m in range(3) if row[f"mode {m}"] == 1] == [m for m in modes if m >= 0]
        assert [row[f"payload {j}"] for j in range(3)] == list(sentences.payload[b, place])


def test_text():
    sentences = sample_sentences(np.random.default_rng(4), TaskSettings(3, 2), 1)
    lines = sentences.describe().splitlines()
    assert len(lines) == 7
    assert lines[0].startswith("ENC       edge (")
    assert lines[3].startswith("PREP      mode ")
    assert all(line.startswith("CTX       modes ") and " -> " in line for line in lines[4:])


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"order": 1}, "from 2 to the number of modes"),
        ({"order": 4}, "from 2 to the number of modes"),
        ({"order": 3, "weights": "ref"}, "nothing to translate"),
        ({"levels": 2}, "needs 3 different ones"),
        ({"levels": 3, "stored": 0.5}, "needs 4 different ones"),
        ({"stored": 1.5}, "probability"),
        ({"spacing": 0.0}, "above 0"),
        ({"position_spread": 0.0}, "positive"),
        ({"kicks": -1}, "negative"),
    ],
)
def test_impossible_settings(settings, reason):
    with pytest.raises(ValueError, match=reason):
        TaskSettings(**{"modes": 3, "order": 2, **settings})
