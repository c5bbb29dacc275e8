"""What an archive may do to the folder that it is restored into: bring its results, nothing else."""

import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from trainscape.pipeline.archive.restoring import Restored, restore_archive
from trainscape.pipeline.archive.writing import LIST
from trainscape.pipeline.errors import ConfigError
from workspace import PLUGIN, Workspace

LARGEST = 2**26


def restore(path: Path, into: Path, largest: int = LARGEST) -> Restored:
    return restore_archive(path, into, largest=largest, trusted=(PLUGIN,))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def elsewhere(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a folder that has nothing but what was restored."""
    restored = restore(archive, tmp_path / "elsewhere")
    assert (restored.preset, restored.studies) == ("smoke", ["synthetic"])
    return Workspace(tmp_path / "elsewhere", monkeypatch)


def test_restored_results_are_those_that_were_archived(elsewhere: Workspace, finished: Workspace):
    assert elsewhere.tree() == finished.tree()
    assert elsewhere.problems() == []


def test_nothing_is_computed_for_a_figure(elsewhere: Workspace, finished: Workspace):
    for path in (elsewhere.root / "results").rglob("*.pdf"):
        path.unlink()
    elsewhere.run("figures")
    assert elsewhere.calls() == {}
    assert elsewhere.problems() == []
    pictures = {name: content for name, content in finished.tree().items() if name.endswith("pdf")}
    assert pictures
    assert {name: elsewhere.tree()[name] for name in pictures} == pictures


@pytest.mark.slow
def test_snakemake_has_nothing_to_do(elsewhere: Workspace):
    assert elsewhere.jobs() == {}


def test_a_restore_that_was_killed_is_completed(elsewhere: Workspace, archive: Path):
    before = elsewhere.tree()
    results = elsewhere.root / "results"
    for number, path in enumerate(sorted(results.rglob("*"))):
        if path.is_file() and number % 3 == 0:
            path.unlink()
    assert restore(archive, elsewhere.root).files > 0
    assert elsewhere.tree() == before
    times = {path.stat().st_mtime_ns for path in results.rglob("*") if path.is_file()}
    assert len(times) == 1


def test_other_files_stay(elsewhere: Workspace, archive: Path):
    table = next((elsewhere.root / "results").rglob("*.csv"))
    table.write_text("years of work")
    with pytest.raises(ConfigError, match=r"holds other files than .*\.csv\. Nothing was written"):
        restore(archive, elsewhere.root)
    assert table.read_text() == "years of work"


def test_another_configuration_stays(elsewhere: Workspace, archive: Path):
    elsewhere.configure(chunk_seconds=1.0)
    before = contents(elsewhere.root)
    assert restore(archive, elsewhere.root).kept_configuration
    assert contents(elsewhere.root) == before


def test_packages_of_others_are_not_imported(archive: Path, tmp_path: Path):
    with pytest.raises(ConfigError, match=rf"names the package {PLUGIN}.*`--trust {PLUGIN}`"):
        restore_archive(archive, tmp_path / "other", largest=LARGEST)
    assert not (tmp_path / "other").exists()


Change = Callable[[dict[str, bytes]], object]


def forge(archive: Path, target: Path, change: Change, *, listed: bool = True) -> Path:
    """Write an archive with other files, and a list that agrees."""
    with zipfile.ZipFile(archive) as file:
        files = {name: file.read(name) for name in file.namelist()}
    change(files)
    if listed:
        files[LIST] = "".join(
            f"{hashlib.sha256(content).hexdigest()}  {name}\n"
            for name, content in files.items()
            if name != LIST
        ).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return target


@pytest.fixture
def refused(archive: Path, tmp_path: Path) -> Callable[..., str]:
    """Return a function that restores a forged archive and returns why it was refused."""

    def refuse(change: Change, **options: bool) -> str:
        forged = forge(archive, tmp_path / "forged.zip", change, **options)
        before = contents(tmp_path)
        with pytest.raises(ConfigError) as caught:
            restore(forged, tmp_path / "inside" / "target")
        assert contents(tmp_path) == before
        assert not (tmp_path / "inside").exists()
        return str(caught.value)

    return refuse


@pytest.mark.fault(
    part="trust",
    fault="an archive holds a name that leads out of its folder, or code",
    promise="nothing is written; exit code 2",
)
@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "../../inside/evil",
        "/tmp/evil",
        "results/../../evil",
        "results/./evil",
        "results//evil",
        "results\\..\\evil",
        "C:evil",
        ".bashrc",
        "evil.py",
        "sitecustomize.py",
        "results/evil.py",
        "results/smoke/synthetic/dataset/evil.py",
        "results/smoke/synthetic/dataset/__pycache__/evil.pyc",
        "results/smoke/synthetic/dataset/evil.so",
        "results/smoke/synthetic/other/full.zarr/zarr.json",
        "results/smoke/synthetic/dataset/full.zarr/../evil.json",
        "results/smoke/synthetic/dataset/full.zarr/.hidden",
        "config/studies/../evil.yaml",
        "config/evil.py",
        "src/trainscape/evil.py",
        "a\nb",
        "results/smoke/synthetic/dataset/" + 300 * "a" + ".csv",
    ],
)
def test_names_that_are_no_results(refused: Callable[..., str], name: str):
    assert "Nothing was written" in refused(lambda files: files.update({name: b"evil"}))


def test_files_that_the_list_does_not_name(refused: Callable[..., str]):
    name = "results/smoke/synthetic/dataset/other.csv"
    reason = refused(lambda files: files.update({name: b"1"}), listed=False)
    assert f"does not hold the files that its {LIST} names" in reason


def test_files_that_are_not_what_the_list_says(refused: Callable[..., str]):
    name = "results/smoke/synthetic/dataset/full.ledger.jsonl"
    reason = refused(lambda files: files.update({name: files[name] + b"{}\n"}), listed=False)
    assert f"{name} is not the file that its {LIST} names" in reason


def test_two_presets(refused: Callable[..., str]):
    name = "results/laptop/synthetic/dataset/other.csv"
    assert "the results of one preset" in refused(lambda files: files.update({name: b"1"}))


def test_configuration_that_is_none(refused: Callable[..., str]):
    name = "config/studies/synthetic.yaml"
    reason = refused(lambda files: files.update({name: b"plugin: [" + 100 * b"["}))
    assert f"holds a damaged configuration ({name}" in reason


@pytest.mark.fault(
    part="trust",
    fault="an archive holds a link",
    promise="nothing is written; exit code 2",
)
def test_links(archive: Path, tmp_path: Path):
    forged = tmp_path / "forged.zip"
    shutil.copyfile(archive, forged)
    link = zipfile.ZipInfo("results/smoke/synthetic/dataset/other.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(forged, "a") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(ConfigError, match="holds a link"):
        restore(forged, tmp_path / "target")
    assert not (tmp_path / "target").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name(archive: Path, tmp_path: Path):
    forged = tmp_path / "forged.zip"
    shutil.copyfile(archive, forged)
    with zipfile.ZipFile(forged, "a") as file:
        file.writestr(LIST, "another list")
    with pytest.raises(ConfigError, match="two files of one name"):
        restore(forged, tmp_path / "target")


@pytest.mark.fault(
    part="trust",
    fault="an archive of 200 KB would become 200 MB",
    promise="nothing is written beyond the bound that is set; exit code 2",
)
def test_files_that_grow(archive: Path, tmp_path: Path):
    name = "results/smoke/synthetic/dataset/other.csv"
    bomb = forge(
        archive, tmp_path / "bomb.zip", lambda files: files.update({name: bytes(200 * 2**20)})
    )
    with pytest.raises(ConfigError, match=r"would become 0\.2 GiB, more than the 0\.0625 GiB"):
        restore(bomb, tmp_path / "target")
    assert not (tmp_path / "target").exists()


@pytest.mark.fault(
    part="trust",
    fault="bytes of an archive are flipped, or it is cut",
    promise="nothing is written; exit code 2",
)
@pytest.mark.parametrize("seed", [1, 20261127])
def test_damaged_archives(archive: Path, finished: Workspace, tmp_path: Path, seed: int):
    """A flip in what the format does not need, such as a time, may pass: the contents do not."""
    whole = archive.read_bytes()
    draw = np.random.default_rng(seed)
    refusals = 0
    for number in range(40):
        content = bytearray(whole)
        if number % 4 == 0:
            content = content[: draw.integers(len(content))]
        else:
            # The directory at the end is where most of the format is.
            start = 0 if number % 2 else len(content) * 9 // 10
            content[draw.integers(start, len(content))] ^= 1 << int(draw.integers(8))
        damaged = tmp_path / "damaged.zip"
        damaged.write_bytes(content)
        target = tmp_path / f"target-{number}"
        reason = None
        try:
            restore(damaged, target)
        except ConfigError as error:
            reason = str(error)
        if reason is not None:
            refusals += 1
            assert str(damaged) in reason
            assert not target.exists()
        else:
            assert contents(target / "results") == finished.tree()
            shutil.rmtree(target)
    assert refusals >= 20


def test_what_is_no_archive(tmp_path: Path):
    (tmp_path / "text.zip").write_text("no archive")
    for name in ("text.zip", "missing.zip", "."):
        with pytest.raises(ConfigError, match="cannot be read as an archive"):
            restore(tmp_path / name, tmp_path / "target")
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(ConfigError, match="cannot be read as an archive"):
        restore(tmp_path / "pipe.zip", tmp_path / "target")
