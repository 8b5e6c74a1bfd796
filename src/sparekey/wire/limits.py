"""The constraints a shape itself has: pattern, length, range, enum; how AWS words them, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import TYPE_CHECKING, Final, NamedTuple

from sparekey.errors import NotImplementedHere
from sparekey.wire import patterns
from sparekey.wire.recorded import ENUM_ORDERS, MAXIMA, PATTERNS, SENTENCES

if TYPE_CHECKING:
    from sparekey.wire.models import Shape


class Kind(NamedTuple):
    """A kind of constraint, as Organizations names it (the words of its model's documentation)."""

    reason: str
    sentence: str


MISSING: Final = Kind("INPUT_REQUIRED", "You must include a value for all required parameters.")
PATTERN: Final = Kind("INVALID_PATTERN", "You provided a value that does not match the required pattern.")
ENUM: Final = Kind("INVALID_ENUM", "You specified an invalid value.")
TOO_LONG: Final = Kind("MAX_LENGTH_EXCEEDED", "You provided a string parameter that is longer than allowed.")
TOO_SHORT: Final = Kind("MIN_LENGTH_EXCEEDED", "You provided a string parameter that is shorter than allowed.")
TOO_GREAT: Final = Kind("MAX_VALUE_EXCEEDED", "You provided a numeric parameter that has a larger value than allowed.")
TOO_SMALL: Final = Kind("MIN_VALUE_EXCEEDED", "You provided a numeric parameter that has a smaller value than allowed.")


class Constraint(NamedTuple):
    """One constraint of a shape, and how AWS words it."""

    holds: Callable[[object], bool]
    words: str
    kind: Kind
    alone: str | None = None


#: A value longer than its maximum and than this is not matched against its pattern besides: some take cubic time.
_PATTERN_LIMIT: Final = 2048

#: IAM repeats neither the value nor the set of an enum.
SILENT: Final = frozenset({"iam"})


def position(constraint: Constraint) -> int:
    """Where a constraint stands in a list of them: AWS names the greatest length, the least, then the pattern."""
    return (TOO_LONG, TOO_GREAT, TOO_SHORT, TOO_SMALL, PATTERN, ENUM).index(constraint.kind)


def constraints_of(service: str, shape: Shape) -> tuple[Constraint, ...]:
    """The constraints a shape itself has, in the order in which AWS reports them."""
    constraints: list[Constraint] = []
    low, high = shape.minimum, MAXIMA.get((service, shape.name), shape.maximum)
    pattern = PATTERNS.get((service, shape.name), shape.pattern)
    if pattern is not None and shape.type == "string":
        constraints.append(_pattern(service, pattern, int(high or 0)))
    if shape.type in {"string", "blob", "list", "map"}:
        if low:
            constraints.append(_least_length(int(low)))
        if high is not None:
            constraints.append(_greatest_length(int(high)))
    else:
        if low is not None:
            constraints.append(_least_value(low))
        if high is not None:
            constraints.append(_greatest_value(high))
    if shape.enum:
        constraints.append(_enum(service, shape))
    return tuple(constraints)


def _pattern(service: str, pattern: str, maximum: int) -> Constraint:
    """Must match, from end to end; what is longer than ``maximum`` and very long is not tried."""
    limit = max(_PATTERN_LIMIT, maximum)
    try:
        match = patterns.compiled(pattern).fullmatch
    except patterns.UntranslatablePattern as error:
        return Constraint(_cannot_tell(error), "", PATTERN)
    return Constraint(
        lambda value: isinstance(value, str) and (len(value) > limit or match(value) is not None),
        f"Member must satisfy regular expression pattern: {pattern}",
        PATTERN,
        SENTENCES.get((service, pattern)),
    )


def _cannot_tell(error: patterns.UntranslatablePattern) -> Callable[[object], bool]:
    """A check of a pattern that a newer botocore has and we cannot read: the member is refused."""

    def refuse(_value: object) -> bool:
        raise NotImplementedHere(f"sparekey cannot check a pattern of this member: {error}")

    return refuse


def _least_length(least: int) -> Constraint:
    """Must have so many characters, bytes or elements."""
    words = f"Member must have length greater than or equal to {least}"
    return Constraint(lambda value: isinstance(value, Sized) and len(value) >= least, words, TOO_SHORT)


def _greatest_length(greatest: int) -> Constraint:
    """Must not have more characters, bytes or elements."""
    words = f"Member must have length less than or equal to {greatest}"
    return Constraint(lambda value: isinstance(value, Sized) and len(value) <= greatest, words, TOO_LONG)


def _least_value(least: float) -> Constraint:
    """Must not be less."""
    words = f"Member must have value greater than or equal to {least}"
    return Constraint(lambda value: isinstance(value, int | float) and value >= least, words, TOO_SMALL)


def _greatest_value(greatest: float) -> Constraint:
    """Must not be greater."""
    words = f"Member must have value less than or equal to {greatest}"
    return Constraint(lambda value: isinstance(value, int | float) and value <= greatest, words, TOO_GREAT)


def _enum(service: str, shape: Shape) -> Constraint:
    """Must be one of these."""
    values = frozenset(shape.enum)
    recorded = tuple(each for each in ENUM_ORDERS.get((service, shape.name), ()) if each in values)
    listed = ", ".join((*recorded, *(each for each in shape.enum if each not in recorded)))
    shown = "" if service in SILENT else f": [{listed}]"
    return Constraint(lambda value: value in values, f"Member must satisfy enum value set{shown}", ENUM)
