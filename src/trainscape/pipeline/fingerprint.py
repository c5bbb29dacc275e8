"""The fingerprint of a stage: a hash of the code that its results can depend on.

It is the SHA-256 over the bytes (line endings normalised) of the static import closure of the
stage's modules within trainscape and within the plug-in's own top-level package. "Static" means
every import statement, also those inside functions; imports under ``if TYPE_CHECKING`` never run
and are left out, and so are modules that are only imported by a computed name. The ``__init__`` of
a package is counted where a name is imported from it, not where it merely contains a module:
presets and figure names that live there do not change numbers.
"""

from __future__ import annotations

import ast
import hashlib
import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from trainscape.pipeline.errors import ConfigError

__all__ = ["fingerprint", "import_closure", "source_of", "syntax_tree"]


_IMPORT = re.compile(rb"\bimport\b")
_DEFINITION = re.compile(rb"^(?:def|class|async)\b|^@", re.MULTILINE)


@cache
def source_of(module: str) -> Path | None:
    """Return the file of a module, or None if there is no such module."""
    try:
        spec = find_spec(module)
    except (ImportError, AttributeError, ValueError):
        return None
    return (
        Path(spec.origin)
        if spec is not None and spec.origin is not None and spec.origin.endswith(".py")
        else None
    )


def syntax_tree(path: Path) -> ast.Module:
    """Return the parsed source of a module.

    Raises
    ------
    ConfigError
        Naming file and line, if it is no Python.
    """
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except SyntaxError as error:
        text = f": {error.text.strip()}" if error.text else ""
        raise ConfigError(
            f"{path}, line {error.lineno or 1}: {error.msg}{text}. Correct it, then run the same "
            "command again."
        ) from None


def _head(content: bytes) -> bytes:
    """Return the statements of a module up to the last one in which the word import occurs.

    None of those that follow can import anything, and parsing them takes most of the time that
    `plan` and `status` need. The cut is before a definition at the left margin; inside a text or
    brackets it leaves no Python, and the whole module is read instead.
    """
    last = None
    for last in _IMPORT.finditer(content):  # noqa: B007 - the last one is what is wanted
        pass
    if last is None:
        return b""
    following = _DEFINITION.search(content, last.end())
    return content if following is None else content[: following.start()]


def _statements(module: str, path: Path) -> ast.Module:
    """Return the parsed source of a module, as far as it may import something.

    A study that is no part of this package is read whole: its author learns of a slip right here.
    """
    if module.startswith("trainscape."):
        try:
            return ast.parse(_head(path.read_bytes()))
        except SyntaxError:
            pass
    return syntax_tree(path)


class _Imports(ast.NodeVisitor):
    """Collects the dotted names that a module imports."""

    # Imports are statements, and statements lie in statements: expressions, most of a tree, are
    # not visited.
    _STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)

    def __init__(self, package: str) -> None:
        self.package = package
        self.names: list[tuple[str, str | None]] = []

    def generic_visit(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, self._STATEMENTS):
                self.visit(child)

    def visit_If(self, node: ast.If) -> None:
        test = node.test
        if (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
            isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
        ):
            for statement in node.orelse:
                self.visit(statement)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.names += [(alias.name, None) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            parent = self.package.rsplit(".", node.level - 1)[0] if node.level > 1 else self.package
            base = f"{parent}.{base}" if base else parent
        self.names += [(base, alias.name) for alias in node.names]


@cache
def _imported_modules(module: str, path: Path, roots: tuple[str, ...]) -> frozenset[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    visitor = _Imports(package)
    visitor.visit(_statements(module, path))
    found = set()
    for base, name in visitor.names:
        if base.split(".")[0] not in roots:
            continue
        source = source_of(base)
        # Only a package can hold a submodule; to ask a plain module for one would import it, with
        # all its heavy dependencies.
        is_package = source is None or source.name == "__init__.py"
        if name is not None and is_package and source_of(f"{base}.{name}") is not None:
            found.add(f"{base}.{name}")
        elif source is not None:
            found.add(base)
    return frozenset(found)


def import_closure(modules: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of all modules that `modules` import, directly or not.

    Only those within trainscape and within their own top-level packages are followed.

    Raises
    ------
    ConfigError
        If one of `modules` does not exist.
    """
    roots = ("trainscape", *sorted({module.split(".")[0] for module in modules}))
    seen: set[str] = set()
    todo = list(modules)
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        path = source_of(module)
        if path is None:
            raise ConfigError(
                f"there is no module {module}: a study needs one module per stage that it "
                "declares, in the package of its group"
            )
        seen.add(module)
        todo += sorted(_imported_modules(module, path, roots) - seen)
    return tuple(sorted(seen))


@lru_cache(maxsize=4096)
def _normalised(path: Path, time: int, size: int) -> bytes:
    """Return the source in `path`, which is read again when its time or its size has changed."""
    return path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def fingerprint(modules: tuple[str, ...]) -> str:
    """Return the fingerprint of the code that `modules` consist of and import, in hexadecimal."""
    state = hashlib.sha256()
    for module in import_closure(modules):
        path = source_of(module)
        assert path is not None
        now = path.stat()
        content = _normalised(path, now.st_mtime_ns, now.st_size)
        state.update(f"{module}:{len(content)}\n".encode() + content)
    return state.hexdigest()
