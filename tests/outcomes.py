"""What a reader makes of a text: a value, or one sentence."""

from collections.abc import Callable
from typing import Any


def value_or_sentence(read: Callable[..., Any], *arguments: Any) -> tuple[Any, str]:
    """Return what `read` returns and an empty text, or None and the message of its ValueError.

    Any other exception is a failure of the test, and so is a message of several lines or of none.
    """
    try:
        return read(*arguments), ""
    except ValueError as error:
        message = str(error)
    assert message.strip(), "an error without a message"
    assert "\n" not in message, "an error of several lines"
    return None, message
