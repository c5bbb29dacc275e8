"""Reading YAML the way people write it: version 1.2 of the language, and no key twice.

PyYAML reads version 1.1, in which ``1e-12`` is a text, ``0100`` is 64, ``1:30`` is 90 and ``yes``
is true, and keeps the last of two equal keys in silence.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from trainscape.pipeline.errors import ConfigError
from trainscape.text_files import read_text

__all__ = ["read_yaml"]

LARGEST_FILE = 2**20
"""Largest file, in bytes."""
LARGEST_CONTENT = 100_000
"""Most values in a file, with its aliases written out."""
DEEPEST = 50
"""Deepest nesting of lists and mappings."""
_NO_NAME = 'in "<unicode string>", '

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]
    """Scalars by the core schema of YAML 1.2; a key that is given twice is an error."""

    yaml_implicit_resolvers: ClassVar[dict[Any, Any]] = {}


_INTEGER, _FLOAT, _BOOLEAN, _NULL = (
    f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "null")
)
_StrictLoader.add_implicit_resolver(
    _BOOLEAN, re.compile("^(?:true|false|True|False|TRUE|FALSE)$"), list("tTfF")
)
_StrictLoader.add_implicit_resolver(_INTEGER, re.compile("^[-+]?[0-9]+$"), list("-+0123456789"))
_StrictLoader.add_implicit_resolver(
    _FLOAT,
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)
_StrictLoader.add_implicit_resolver(
    _NULL, re.compile("^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)


def _integer(loader: Any, node: Any) -> int:
    return int(loader.construct_scalar(node))


def _float(loader: Any, node: Any) -> float:
    text = loader.construct_scalar(node).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    names: set[str] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key_node.value == "<<" and not key_node.style:
            raise _error(
                key_node,
                "merge keys (<<) belong to YAML 1.1 and are not read; write out the settings "
                "that they stand for",
            )
        if not isinstance(key, str | int | float | None):
            raise _error(key_node, f"a key must be a text or a number, not {key!r}")
        # As JSON spells it: there, 1 and "1" are the same key, and one would be lost in silence.
        name = key if isinstance(key, str) else json.dumps(key, default=str)
        if name in names:
            raise _error(key_node, f"key {key!r} is given twice")
        names.add(name)
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


def _error(node: Any, reason: str) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, reason, node.start_mark)


_StrictLoader.add_constructor(_INTEGER, _integer)
_StrictLoader.add_constructor(_FLOAT, _float)
_StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises
    ------
    ConfigError
        If there is no such file, it is no YAML, or holds something else than a mapping.
    """
    try:
        content = _load(read_text(path, LARGEST_FILE))
    except FileNotFoundError:
        raise ConfigError(
            f"{path}: no such file. Run from the folder that holds the Snakefile, or see "
            "config/README.md."
        ) from None
    except (ValueError, TypeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).replace(_NO_NAME, "").split())
        raise ConfigError(f"{path}: cannot be read as YAML: {reason}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(
            f"{path}: must be a mapping of keys to values, but is a {type(content).__name__}"
        )
    return content


def _load(text: str) -> Any:
    """Return what a text says, after a look at how large and how deep it is.

    Aliases make a small text large, and the parser in C has no limit of its own on depth.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_StrictLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _error(event, f"lists or mappings are nested more than {DEEPEST} deep")
    loader = _StrictLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if _size(node, {}) > LARGEST_CONTENT:
            raise ValueError(
                f"its aliases stand for more than {LARGEST_CONTENT} values; write the settings out"
            )
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _size(node: Any, known: dict[int, int | None]) -> int:
    """Return the number of values in a node with its aliases written out."""
    if id(node) in known:
        size = known[id(node)]
        if size is None:
            raise _error(node, "an alias stands inside of what it stands for")
        return size
    known[id(node)] = None
    children = [] if isinstance(node, yaml.ScalarNode) else node.value
    pairs = isinstance(node, yaml.MappingNode)
    total = 1 + sum(
        _size(child[0], known) + _size(child[1], known) if pairs else _size(child, known)
        for child in children
    )
    known[id(node)] = total
    return total
