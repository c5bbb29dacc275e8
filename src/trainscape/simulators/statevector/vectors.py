"""Explicit vector instructions for the state-vector kernels.

The intrinsics of `rotation_vectors` and `phase_vectors` handle 8 float64 lanes, or 8 groups of
lanes, at once: they load all operands, compute in registers, and store. LLVM would not vectorise
the same kernels written as loops: it gives up where more than a few arrays could overlap, and it
does not find the exchange of lanes for the three lowest qubits. They also contain the loop over the
groups, so that coefficients and sums stay in registers: outside, each store could change them. The
vector length is fixed by the code, not by the machine (LLVM splits vectors that are longer than the
registers), and every multiply-add is an explicit ``llvm.fma`` with one rounding. So results do not
depend on what a compiler chooses to contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types

__all__ = ["INT", "VECTOR", "WIDTH", "Emitter", "for_each_variant"]

WIDTH = 8
"""Lanes of a vector."""

VECTOR = ir.VectorType(ir.DoubleType(), WIDTH)

INT = ir.IntType(64)


class Emitter:
    """Writes vector instructions at the current position of an IR builder.

    Parameters
    ----------
    context, builder, signature, arguments
        As numba passes them to the code generator of an intrinsic.

    Attributes
    ----------
    values : list
        The arguments; for arrays, the address of their data.
    """

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        self.builder = builder
        self.values = [
            context.make_array(kind)(context, builder, value).data
            if isinstance(kind, types.Array)
            else value
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        self.multiply_add = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(VECTOR, [VECTOR] * 3), f"llvm.fma.v{WIDTH}f64"
        )

    def pointer(self, data: Any, index: Any) -> Any:
        """Return the address of the vector that starts at entry `index` of an array."""
        return self.builder.bitcast(self.builder.gep(data, [index]), VECTOR.as_pointer())

    def load(self, data: Any, index: Any) -> Any:
        """Return the vector that starts at entry `index` of an array."""
        return self.builder.load(self.pointer(data, index), align=8)

    def store(self, value: Any, data: Any, index: Any) -> None:
        """Write a vector to an array, from entry `index` on."""
        self.builder.store(value, self.pointer(data, index), align=8)

    def spread(self, scalar: Any) -> Any:
        """Return a vector with `scalar` in every lane."""
        first = self.builder.insert_element(
            ir.Constant(VECTOR, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
        )
        return self.builder.shuffle_vector(
            first,
            ir.Constant(VECTOR, ir.Undefined),
            ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH),
        )

    def swapped(self, value: Any, bit: int) -> Any:
        """Return the vector with lanes j and j ^ (1 << bit) exchanged."""
        order = ir.Constant(
            ir.VectorType(ir.IntType(32), WIDTH), [j ^ (1 << bit) for j in range(WIDTH)]
        )
        return self.builder.shuffle_vector(value, ir.Constant(VECTOR, ir.Undefined), order)

    def scalar(self, data: Any, index: int) -> Any:
        """Return entry `index` of an array."""
        return self.builder.load(self.builder.gep(data, [ir.Constant(INT, index)]))

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """Return a * b + c."""
        return self.builder.call(self.multiply_add, [a, b, c])

    def neg(self, a: Any) -> Any:
        """Return -a."""
        return self.builder.fneg(a)

    def mul(self, a: Any, b: Any) -> Any:
        """Return a * b."""
        return self.builder.fmul(a, b)

    def shifted(self, index: Any, by: int) -> Any:
        """Return index + by."""
        return self.builder.add(index, ir.Constant(INT, by))

    def inserted(self, index: Any, bit: Any) -> Any:
        """Return the index with a zero bit inserted at position `bit`."""
        builder, one = self.builder, ir.Constant(INT, 1)
        stride = builder.shl(one, bit)
        below = builder.and_(index, builder.sub(stride, one))
        return builder.or_(builder.shl(builder.lshr(index, bit), builder.add(bit, one)), below)

    @contextmanager
    def loop(self, first: Any, last: Any, step: int) -> Iterator[Any]:
        """Write ``for index in range(first, last, step)`` around what the block writes."""
        with cgutils.for_range_slice(self.builder, first, last, ir.Constant(INT, step), INT) as (
            index,
            _,
        ):
            yield index

    def variable(self, value: Any) -> Any:
        """Return the address of a new variable with this value: LLVM keeps it in a register."""
        place = cgutils.alloca_once(self.builder, value.type)
        self.builder.store(value, place)
        return place

    def add_to(self, variable: Any, added: Any) -> None:
        """Add to a variable."""
        self.builder.store(self.builder.fadd(self.builder.load(variable), added), variable)

    def offsets(self, start: Any, strides: list[Any]) -> list[Any]:
        """Return `start` plus the sum of each subset of `strides`.

        Bit g of the position in the list tells whether stride g is in the subset.
        """
        result = [start]
        for stride in strides:
            result += [self.builder.add(offset, stride) for offset in result]
        return result


def for_each_variant(emit: Emitter, variant: Any, cases: int, body: Any) -> None:
    """Write ``switch (variant)`` with a copy of `body` for each of the cases."""
    builder = emit.builder
    end = builder.append_basic_block("end")
    blocks = [builder.append_basic_block(f"variant{k}") for k in range(cases)]
    switch = builder.switch(variant, blocks[-1])
    for k, block in enumerate(blocks):
        if k < len(blocks) - 1:
            switch.add_case(ir.Constant(variant.type, k), block)
        builder.position_at_end(block)
        body(k)
        builder.branch(end)
    builder.position_at_end(end)
