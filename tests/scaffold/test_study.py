"""A new study: names that are taken, the list of studies, and the tutorial that shows the files."""

import re
from pathlib import Path

import pytest

from trainscape.pipeline.config import load_workflow_config
from trainscape.pipeline.errors import ConfigError
from trainscape.scaffold.study import check_name, listed, study_files
from workspace import REPO

CONFIG = Path("config/config.yaml")
SHOWN = re.compile(r"^`([^`\n]+)`\n\n```\w+\n(.*?)```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config/studies").mkdir(parents=True)
    CONFIG.write_text("# top\nstudies: [one, two]  # both\nstudy: null\n")
    return tmp_path


def test_the_tutorial_shows_every_file_as_it_is_written():
    text = (REPO / "docs/adding-a-study.md").read_text()
    files = study_files("my_study", 1234567890, CONFIG)
    assert dict(SHOWN.findall(text)) == {str(path): content for path, content in files.items()}


@pytest.mark.parametrize("name", ["a", "my_study", "zeta2", "x" * 50])
def test_names_that_are_free(project: Path, name: str):
    check_name(name, CONFIG)


@pytest.mark.parametrize(
    "name", ["", "My", "2nd", "my-study", "my study", "../up", "class", "é", "_a", "a.b", "x" * 51]
)
def test_names_that_are_none(project: Path, name: str):
    with pytest.raises(ConfigError, match=r"cannot be the name of a study.*such as my_study"):
        check_name(name, CONFIG)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("one", "lists a study of it"),
        ("clifford", r"a Python package trainscape\.studies\.clifford"),
        ("numpy", "a Python package numpy"),
        ("random", "a Python package random"),
    ],
)
def test_names_that_are_taken(project: Path, name: str, why: str):
    with pytest.raises(ConfigError, match=f"the name {name} is taken: .*{why}"):
        check_name(name, CONFIG)


@pytest.mark.parametrize(
    "place",
    [
        "config/studies/mine.yaml",
        "src/mine",
        "tests/studies/mine",
        "mine",
        "mine.py",
        "tests/mine",
        "tests/mine.py",
    ],
)
def test_places_that_are_taken(project: Path, place: str):
    check_name("mine", CONFIG)
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    Path(place).touch()
    with pytest.raises(ConfigError, match=f"taken: {re.escape(place)} is there already"):
        check_name("mine", CONFIG)


def test_the_list_of_studies_grows_and_nothing_else_changes(project: Path):
    text = listed("three", CONFIG)
    assert text == "# top\nstudies: [one, two, three]  # both\nstudy: null\n"
    CONFIG.write_text(text)
    assert load_workflow_config(CONFIG).studies == ("one", "two", "three")


@pytest.mark.parametrize("text", ["studies:\n  - one\n  - two\n", "preset: smoke\n"])
def test_a_list_of_another_form_is_refused(project: Path, text: str):
    CONFIG.write_text(text)
    with pytest.raises(ConfigError, match=r"has to be a list on one line.*Write `studies: \["):
        listed("three", CONFIG)
