"""The Conditions section: what holds, what is open, and the ways the open ones can turn out.

A condition is a tree of ``Fn::And``, ``Fn::Or`` and ``Fn::Not`` over comparisons. A comparison that the environment
does not decide is an :class:`Atom`; the same comparison is the same atom wherever it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.errors import InputError
from sparekey.template._calls import Call, call_of
from sparekey.template._comparison import could_be, hangs_on, is_open, rendered
from sparekey.template._nodes import MappingNode, Node, plain_list, plain_text, refused
from sparekey.template._parameters import problem_with
from sparekey.template._values import Concrete, UnknownValue, Value, to_plain
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Set

    from sparekey.template._resolve import Resolver


class Atom(NamedTuple):
    """A comparison that is not decided: whether ``side`` equals ``other``.

    ``literal`` is the text ``side`` is compared with, if that is known; ``reference`` the parameter that ``side``
    is. ``hangs_on`` is what would decide it.
    """

    side: str
    other: str
    hangs_on: tuple[str, ...]
    literal: str | None = None
    reference: str | None = None


class Compound(NamedTuple):
    """Conditions put together: ``and``, ``or``, or ``not`` with one operand."""

    operator: str
    operands: tuple[Expression, ...]


class Named(NamedTuple):
    """Another condition, which is not decided."""

    name: str


Expression = bool | Atom | Compound | Named

#: How deep conditions may hang on each other.
_MOST_DEPTH = 100


class Scenario(NamedTuple):
    """One way the open conditions can turn out: in words, and a resolver that assumes it."""

    description: str | None
    resolver: Resolver


class Conditions:
    """The conditions of one template in one environment."""

    def __init__(self, resolver: Resolver) -> None:
        """Read the conditions of the resolver's template."""
        self._resolver = resolver
        self._expressions: dict[str, Expression] = {}
        self._atoms: dict[str, tuple[Atom, ...]] = {}
        self._reading: list[str] = []
        self._depth = 0
        self._decided: bool | None = None
        self.open: dict[str, None] = {}  # the conditions asked for that are open, in the order asked

    def holds(self, name: str) -> bool | Unknown:
        """Whether a condition holds."""
        expression = self.expression(name)
        if isinstance(expression, bool):
            return expression
        self.open[name] = None
        return Unknown(tuple(dict.fromkeys(what for atom in self.atoms(name) for what in atom.hangs_on)))

    def expression(self, name: str) -> Expression:
        """The tree of a condition, as far as it is not decided."""
        assumed = self._resolver.assumptions.get(name)
        if assumed is not None:
            return assumed
        known = self._expressions.get(name)
        if known is not None:
            return known
        node = self._resolver.template.conditions.get(name)
        if node is None and self._resolver.template.open_ended:
            return Atom(f"{{Condition: {name!r}}}", "true", (f"condition `{name}`",))
        if node is None:
            raise InputError(f"the template has no condition `{name}`")
        if name in self._reading:
            raise InputError(f"condition `{name}` hangs on itself", self._resolver.place(node))
        self._reading.append(name)
        try:
            self._expressions[name] = self.read(node)
        finally:
            self._reading.pop()
        return self._expressions[name]

    def read(self, node: Node) -> Expression:
        """Read one condition function."""
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise InputError("conditions hang on each other too deeply", self._resolver.place(node))
        try:
            return self._read(node)
        finally:
            self._depth -= 1

    def _read(self, node: Node) -> Expression:
        call = call_of(node)
        if call is None and isinstance(node, MappingNode) and len(node.value) == 1:
            key, argument = node.value[0]
            call = Call(key.value, argument, node)
        if call is None:
            raise InputError("a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition",
                             self._resolver.place(node))  # fmt: skip
        match call.name:
            case "Condition":
                return self._named(call)
            case "Fn::Equals":
                return self._equals(call)
            case "Fn::Not":
                operand = self.read(self._operands(call, 1, 1)[0])
                return not operand if isinstance(operand, bool) else Compound("not", (operand,))
            case "Fn::And":
                return _all([self.read(item) for item in self._operands(call, 2, 10)])
            case "Fn::Or":
                return _any([self.read(item) for item in self._operands(call, 2, 10)])
            case _:
                raise InputError(f"`{call.name}` is no condition function", self._resolver.place(node))

    def _named(self, call: Call) -> Expression:
        """Another condition, by its name."""
        name = plain_text(call.argument)
        if name is None:
            raise InputError("Condition takes the name of a condition", self._resolver.place(call.node))
        template = self._resolver.template
        if name not in template.conditions and not template.open_ended:
            raise InputError(f"the template has no condition `{name}`", self._resolver.place(call.node))
        expression = self.expression(name)
        return expression if isinstance(expression, bool) else Named(name)

    def _operands(self, call: Call, least: int, most: int) -> list[Node]:
        """The list of conditions a function takes."""
        operands = plain_list(call.argument) or []
        if not least <= len(operands) <= most:
            count = f"{least}" if least == most else f"{least} to {most}"
            raise InputError(f"`{call.name}` takes a list of {count} conditions", self._resolver.place(call.node))
        return operands

    def _equals(self, call: Call) -> Expression:
        """``Fn::Equals``: texts are compared; decided where what is known of them already differs."""
        sentence = "Template error: every Fn::Equals object requires a list of 2 string parameters."
        sides = plain_list(call.argument) or []
        if len(sides) != 2:
            raise refused(sentence, self._resolver.place(call.node))
        left_node, right_node = sides
        left, right = self._resolver.resolve(left_node), self._resolver.resolve(right_node)
        if is_open(left) or is_open(right):
            return self._atom(left_node, left, right_node, right)
        if isinstance(left, Concrete) and isinstance(right, Concrete):
            return left.text == right.text
        return to_plain(left) == to_plain(right)

    def _atom(self, left_node: Node, left: Value, right_node: Node, right: Value) -> Expression:
        """A comparison of which a side is not known."""
        if isinstance(left, Concrete):
            left_node, left, right_node, right = right_node, right, left_node, left
        side = rendered(left_node)
        missing = tuple(dict.fromkeys((*hangs_on(left), *hangs_on(right))))
        if not isinstance(right, Concrete):
            first, second = sorted((side, rendered(right_node)))
            return True if first == second else Atom(first, second, tuple(sorted(missing)))
        reference = left.reference if isinstance(left, UnknownValue) else None
        if isinstance(left, UnknownValue) and not could_be(left.unknown, right.text):
            return False
        if reference is not None:
            if not self._is_allowed(reference, right.text):
                return False
            side = f"{{Ref: {reference!r}}}"  # also where it is written `${reference}`
        return Atom(side, right.text, missing, right.text, reference)

    def _is_allowed(self, reference: str, text: str) -> bool:
        """Whether a parameter that is not known may have a value."""
        parameter = self._resolver.template.parameters.get(reference)
        if parameter is None or parameter.is_list or parameter.from_ssm:
            return True
        return problem_with(parameter, text, self._resolver.budget.effort) is None

    def atoms(self, name: str) -> tuple[Atom, ...]:
        """The undecided comparisons that a condition hangs on, each once."""
        known = self._atoms.get(name)
        if known is None:
            known = self._atoms[name] = tuple(dict.fromkeys(self._atoms_of(self.expression(name))))
        return known

    def _atoms_of(self, expression: Expression) -> list[Atom]:
        match expression:
            case Atom():
                return [expression]
            case Named():
                return list(self.atoms(expression.name))
            case Compound():
                return [atom for operand in expression.operands for atom in self._atoms_of(operand)]
            case _:
                return []

    def decide(self, name: str, facts: Set[Atom], decided: dict[str, bool]) -> bool:
        """Whether a condition holds when just the comparisons in ``facts`` do; ``decided`` keeps what is found."""
        if name not in decided:
            decided[name] = self._decide(self.expression(name), facts, decided)
        return decided[name]

    def _decide(self, expression: Expression, facts: Set[Atom], decided: dict[str, bool]) -> bool:
        match expression:
            case Atom():
                return expression in facts
            case Named():
                return self.decide(expression.name, facts, decided)
            case Compound():
                found = (self._decide(operand, facts, decided) for operand in expression.operands)
                if expression.operator == "not":
                    return not next(found)
                return all(found) if expression.operator == "and" else any(found)
            case _:
                return expression

    @property
    def all_decided(self) -> bool:
        """Whether no condition of the template is open, nor one that a transform may add."""
        if self._decided is None:
            names = self._resolver.template.conditions
            decided = all(isinstance(self.expression(name), bool) for name in names)
            self._decided = decided and not self._resolver.template.open_ended
        return self._decided


def _all(operands: list[Expression]) -> Expression:
    if any(operand is False for operand in operands):
        return False
    left = tuple(operand for operand in operands if operand is not True)
    return True if not left else left[0] if len(left) == 1 else Compound("and", left)


def _any(operands: list[Expression]) -> Expression:
    if any(operand is True for operand in operands):
        return True
    left = tuple(operand for operand in operands if operand is not False)
    return False if not left else left[0] if len(left) == 1 else Compound("or", left)
