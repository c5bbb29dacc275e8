"""YAML as people and programs write it: a mapping, or one line that says what is wrong where."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainscape.pipeline.config import load_workflow_config
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.workflow import check_configuration, load_workflow
from trainscape.pipeline.yaml_files import read_yaml
from workspace import Workspace

BOMB = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"a{k + 1}: &a{k + 1} [{', '.join([f'*a{k}'] * 8)}]\n" for k in range(12)
)


def read(folder: Path, text: str | bytes) -> dict:
    path = folder / "x.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return read_yaml(path)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("", {}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("'<<': 1", {"<<": 1}),
        ("{1: a, 2: b}", {1: "a", 2: "b"}),
        ("a: 1e400", {"a": float("inf")}),
        ("a: !!float 1", {"a": 1.0}),
        ("%YAML 1.2\n---\na: on", {"a": "on"}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: θ".encode("utf-16"), {"a": "θ"}),
    ],
)
def test_values(tmp_path, text, content):
    assert read(tmp_path, text) == content


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "key 'a' is given twice line 3"),
        ("1: a\n'1': b", "key '1' is given twice line 2"),
        ("'true': a\ntrue: b", "key True is given twice line 2"),
        ("x: {y: 1, y: 1}", "key 'y' is given twice"),
        ("a: &s {x: 1}\nb:\n  <<: *s", "merge keys (<<) belong to YAML 1.1 and are not read"),
        ("? [a]\n: 1", "a key must be a text or a number, not ['a']"),
        ("? !!binary aGk=\n: 1", "a key must be a text or a number"),
        ("a: &a [*a]", "an alias stands inside of what it stands for line 1"),
        ("a: &a {b: *a}", "an alias stands inside of what it stands for line 1"),
        ("a: *b", "undefined alias"),
        (BOMB, "its aliases stand for more than 100000 values"),
        ("[" * 100_000, "nested more than 50 deep line 1"),
        ("{a: " * 100_000, "nested more than 50 deep line 1"),
        ("a: !!int 0x10", "invalid literal for int() with base 10: '0x10'"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("a: " + "9" * 5000, "Exceeds the limit"),
        ("a: [1", "line 2"),
        ("a: b: c", "mapping values are not allowed in this context line 1"),
        ("\ta: 1", "cannot start any token line 1"),
        ("a: 1\n---\nb: 2", "expected a single document"),
        ("- 1", "must be a mapping of keys to values, but is a list"),
        ("text", "must be a mapping of keys to values, but is a str"),
        ("a: \x01", "control characters are not allowed"),
        (b"a: na\xefve", "byte 0xef in line 1, perhaps of Latin-1"),
        ("a: 1".encode("utf-16-le"), "UTF-16 without its mark"),
        (b"PK\x03\x04", "a zip archive"),
        (b"a" * (2**20 + 1), "is larger than 1 MiB"),
    ],
)
def test_errors(tmp_path, text, message):
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'x.yaml'}: ")
    assert "\n" not in str(caught.value)


PIECES = [
    "a",
    "1",
    ": ",
    "\n",
    "  ",
    "- ",
    "&x ",
    "*x",
    "<<",
    "[",
    "]",
    "{",
    "}",
    ",",
    "!!int ",
    "'",
]


@given(
    st.text(max_size=25)
    | st.lists(st.sampled_from(PIECES), max_size=15).map("".join)
    | st.binary(max_size=20)
)
@example("a: 1")
def test_any_text_is_a_mapping_or_one_line(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("yaml")
    try:
        content = read(folder, text)
    except ConfigError as error:
        message = str(error)
    else:
        assert isinstance(content, dict)
        message = ""
    assert "\n" not in message


@given(st.lists(st.sampled_from([*PIECES, "preset", "smoke", "studies"]), max_size=12).map("".join))
@example("chunk_seconds: 1:30")
@example(f"chunk_seconds: {'9' * 400}")
@example("group: &a [*a]")
def test_any_settings_are_valid_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("settings") / "config.yaml"
    path.write_text(text)
    try:
        load_workflow_config(path)
    except ConfigError as error:
        problems = error.problems
    else:
        problems = []
    assert all(str(path) in problem and "\n" not in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("preset: smoke\nstudies: [synthetic]\nprogress_seconds: 1:30\n", 'but is "1:30"'),
        ("preset: smoke\nstudies: [synthetic]\npreset: paper\n", "given twice line 3"),
        ("preset: [smoke\n", "line 2"),
        ("x: &x {a: 1}\n<<: *x\n", "merge keys"),
        ("preset: smoke\nstudies: [synthetic]\n".encode("utf-16"), "Save it as UTF-8"),
        ("preset: smoke\nstudies: [synthetic]\ngroup: =\n", "Snakemake reads it too"),
    ],
)
def test_the_file_is_checked_before_snakemake_reads_it(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], text: str | bytes, message: str
):
    content = text if isinstance(text, bytes) else text.encode()
    (workspace.root / "config/config.yaml").write_bytes(content)
    with workspace.inside(), pytest.raises(SystemExit) as caught:
        check_configuration()
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_snakemakes_reading_of_numbers_is_not_used(workspace: Workspace):
    from snakemake.common.configfile import load_configfile

    (workspace.root / "config/config.yaml").write_text(
        "preset: smoke\nstudies: [synthetic]\nprogress_seconds: 010\n"
    )
    with workspace.inside():
        theirs = load_configfile("config/config.yaml")
        workflow = load_workflow(theirs, write=False)
    assert theirs["progress_seconds"] == 8
    assert workflow.config.progress_seconds == 10
