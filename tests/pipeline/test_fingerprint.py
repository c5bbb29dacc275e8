"""The fingerprint covers the code that a stage's results can depend on, and no other."""

import ast
import hashlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trainscape.pipeline import fingerprint as under_test
from trainscape.pipeline.errors import ConfigError
from trainscape.pipeline.fingerprint import fingerprint, import_closure, syntax_tree
from workspace import clear_fingerprint_caches

ROOT = "fingerprinted"

FILES = {
    "__init__.py": "PRESETS = 1\n",
    "stage.py": "import json\nfrom fingerprinted import direct\nfrom fingerprinted.names import NAME\n",
    "direct.py": "def late():\n    from fingerprinted.inner.late import x\n    return x\n",
    "names.py": "NAME = 1\n",
    "inner/__init__.py": "",
    "inner/late.py": "from . import sibling\nfrom .. import upper\nfrom ..names import NAME\nx = 1\n",
    "inner/sibling.py": "import fingerprinted.inner.dotted as other\n",
    "inner/dotted.py": "try:\n    import fingerprinted.guarded\nexcept ImportError:\n    pass\n",
    "guarded.py": "class Lazy:\n    def f(self):\n        if True:\n            import fingerprinted.method\n",
    "method.py": "",
    "upper.py": "",
    "unused.py": "",
    "typed.py": "",
    "typed_too.py": "",
    "otherwise.py": "",
}
CLOSURE = {
    "stage",
    "direct",
    "names",
    "inner.late",
    "inner.sibling",
    "inner.dotted",
    "guarded",
    "method",
    "upper",
}

Edit = Callable[[str, str | bytes], None]


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Edit]:
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in FILES:
        (tmp_path / ROOT / name).parent.mkdir(parents=True, exist_ok=True)

    def write(name: str, content: str | bytes) -> None:
        (tmp_path / ROOT / name).write_bytes(
            content.encode() if isinstance(content, str) else content
        )
        clear_fingerprint_caches()

    for name, content in FILES.items():
        write(name, content)
    yield write
    for name in [name for name in sys.modules if name.split(".")[0] == ROOT]:
        del sys.modules[name]


def closure() -> set[str]:
    clear_fingerprint_caches()
    return {name.removeprefix(f"{ROOT}.") for name in import_closure((f"{ROOT}.stage",))}


def current() -> str:
    clear_fingerprint_caches()
    return fingerprint((f"{ROOT}.stage",))


def test_closure_holds_every_import_wherever_it_stands(edit: Edit):
    assert closure() == CLOSURE


@pytest.mark.parametrize("name", sorted(FILES))
def test_edits_inside_the_closure_count_and_others_do_not(edit: Edit, name: str):
    before = current()
    edit(name, FILES[name] + "EDITED = 1\n")
    inside = name.removesuffix(".py").replace("/", ".") in CLOSURE
    assert (current() != before) == inside


def test_imports_for_the_type_checker_never_run(edit: Edit):
    guards = [
        "import typing\nif typing.TYPE_CHECKING:\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n",
    ]
    for guard in guards:
        edit(
            "names.py",
            f"{guard}    from fingerprinted.typed import x\nelse:\n    from fingerprinted.otherwise import x\n",
        )
        assert closure() == CLOSURE | {"otherwise"}


def test_init_counts_where_a_name_is_imported_from_it(edit: Edit):
    edit("names.py", "from fingerprinted import PRESETS\nNAME = 1\n")
    assert closure() == CLOSURE | {ROOT}
    edit("names.py", "from fingerprinted.inner import *\nNAME = 1\n")
    assert closure() == CLOSURE | {"inner"}


def test_line_endings_do_not_count_but_every_other_byte_does(edit: Edit):
    edit("names.py", "NAME = 1\nOTHER = '''\ntext\n'''\n")
    before = current()
    edit("names.py", b"NAME = 1\r\nOTHER = '''\r\ntext\r\n'''\r\n")
    assert current() == before
    edit("names.py", b"NAME = 1\rOTHER = '''\rtext\r'''\r")
    assert current() == before
    edit("names.py", "NAME = 1\nOTHER = '''\ntext\n'''\n\n")
    assert current() != before


def test_moving_text_between_modules_counts(edit: Edit):
    edit("method.py", "A = 1\nB = 2\n")
    before = current()
    edit("method.py", "A = 1\n")
    edit("guarded.py", FILES["guarded.py"] + "B = 2\n")
    assert current() != before


def test_order_of_modules_does_not_matter(edit: Edit):
    names = (f"{ROOT}.stage", f"{ROOT}.unused")
    assert fingerprint(names) == fingerprint(names[::-1])
    assert fingerprint(names) != fingerprint(names[:1])


def test_new_module_joins_when_it_is_imported(edit: Edit):
    edit("names.py", "from fingerprinted.unused import x\n")
    assert closure() == CLOSURE | {"unused"}


def test_missing_module(edit: Edit):
    with pytest.raises(
        ConfigError,
        match=r"there is no module fingerprinted\.simulate: a study needs one module per stage",
    ):
        fingerprint((f"{ROOT}.simulate",))


def test_import_of_what_does_not_exist_is_no_error(edit: Edit):
    # An optional dependency, or a syntax of a later version: the stage itself will say so when it
    # runs.
    edit(
        "names.py", "try:\n    from fingerprinted.absent import x\nexcept ImportError:\n    pass\n"
    )
    assert closure() == CLOSURE


def test_closure_reaches_into_trainscape_and_no_other_package():
    found = import_closure(("synthetic.core.gradients",))
    assert set(found) == {
        "synthetic.core.gradients",
        "synthetic.core.kernel",
        "synthetic.trace",
        "trainscape.studies.contract",
    }
    assert "synthetic.core.kernel" not in import_closure(("synthetic.core.matrices",))


def test_pinned_value(edit: Edit):
    # Another way of hashing would discard every result: it needs another SCHEMA.
    for name in FILES:
        edit(name, "")
    assert current() == hashlib.sha256(b"fingerprinted.stage:0\n").hexdigest()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "import json\nx = (1,\n",
            r"direct\.py, line 2: '\(' was never closed: x = \(1,\. Correct",
        ),
        (b"x = '\xff'\n", r"direct\.py, line 1: "),
        (b"\x00", r"direct\.py, line 1: source code string cannot contain null bytes"),
    ],
)
def test_module_that_is_no_python_is_named(edit: Edit, content: str | bytes, message: str):
    edit("direct.py", content)
    with pytest.raises(ConfigError, match=message):
        fingerprint((f"{ROOT}.stage",))


def imported(tree: ast.Module) -> list[tuple[str, str | None]]:
    visitor = under_test._Imports("trainscape")
    visitor.visit(tree)
    return visitor.names


def test_of_our_own_modules_the_head_imports_what_the_whole_does():
    source = Path(under_test.__file__).parents[1]
    kept = total = 0
    for path in sorted(source.rglob("*.py")):
        head = under_test._head(path.read_bytes())
        assert imported(ast.parse(head)) == imported(syntax_tree(path)), path
        kept, total = kept + len(head), total + path.stat().st_size
    assert kept < total / 2


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a\ndef f():\n    import b\ndef g():\n    pass\n", ["a", "b"]),
        # The cut would be inside a text, or inside brackets.
        ('x = """\nimport a\ndef f():\n"""\nimport b\n', ["b"]),
        ('import b\nx = """ import a\ndef f():\n"""\n', ["b"]),
        ("import a\nif x:\n    pass\nelse:\n    import b\n@c\ndef f(): ...\n", ["a", "b"]),
        ("x = 1\n", []),
    ],
)
def test_heads_are_cut_where_statements_end(tmp_path: Path, source: str, names: list[str]):
    path = tmp_path / "module.py"
    path.write_text(source)
    found = imported(under_test._statements("trainscape.module", path))
    assert [name for name, _ in found] == names


def test_a_slip_in_a_study_of_ones_own_is_found_wherever_it_is(tmp_path: Path):
    path = tmp_path / "module.py"
    path.write_text("import a\n\n\ndef f():\n    return 1 +\n")
    with pytest.raises(ConfigError, match="line 5"):
        under_test._statements("mine.module", path)
