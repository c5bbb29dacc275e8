"""An evaluator of OpenQASM 2 expressions that shares nothing with the package: it is a table of
precedences and a stack (the shunting-yard algorithm), where the package descends recursively."""

import math
import re

_BINARY = {
    "+": (1, "left", lambda a, b: a + b),
    "-": (1, "left", lambda a, b: a - b),
    "*": (2, "left", lambda a, b: a * b),
    "/": (2, "left", lambda a, b: a / b),
    "sign -": (3, "right", None),
    "sign +": (3, "right", None),
    "^": (4, "right", lambda a, b: a**b),
}
_FUNCTIONS = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "ln": math.log,
    "sqrt": math.sqrt,
}
_TOKEN = re.compile(r"\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(\w+)|(.))")


def value_of(text):
    """The real number that an expression of OpenQASM 2 stands for."""
    numbers, waiting = [], []

    def apply():
        operator = waiting.pop()
        if operator in _FUNCTIONS:
            numbers.append(_FUNCTIONS[operator](numbers.pop()))
        elif operator.startswith("sign"):
            numbers.append(-numbers.pop() if operator == "sign -" else numbers.pop())
        else:
            right, left = numbers.pop(), numbers.pop()
            numbers.append(_BINARY[operator][2](left, right))

    before_operand = True
    for number, word, sign in _TOKEN.findall(text.strip()):
        if number:
            numbers.append(float(number))
            before_operand = False
        elif word == "pi":
            numbers.append(math.pi)
            before_operand = False
        elif word:
            waiting.append(word)
        elif sign == "(":
            waiting.append("(")
            before_operand = True
        elif sign == ")":
            while waiting[-1] != "(":
                apply()
            waiting.pop()
            if waiting and waiting[-1] in _FUNCTIONS:
                apply()
            before_operand = False
        elif before_operand:
            # A sign has nothing on its left to finish.
            waiting.append(f"sign {sign}")
        else:
            level, side, _ = _BINARY[sign]
            while waiting and waiting[-1] in _BINARY:
                above = _BINARY[waiting[-1]][0]
                if above > level or (above == level and side == "left"):
                    apply()
                else:
                    break
            waiting.append(sign)
            before_operand = True
    while waiting:
        apply()
    (result,) = numbers
    return result
