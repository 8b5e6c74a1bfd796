"""The resolver: what a template's expressions come to in an environment, as far as that is known."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.source import Place
from sparekey.template._budget import ELEMENT, FREE_TEXT, Budget
from sparekey.template._calls import LOOP, Call, call_of
from sparekey.template._comparison import hangs_on
from sparekey.template._conditions import Conditions
from sparekey.template._intrinsics import FUNCTIONS
from sparekey.template._nodes import (
    FLOAT,
    INT,
    STR,
    MappingNode,
    Node,
    ScalarNode,
    pairs,
    reads_as,
    scalar_value,
)
from sparekey.template._parameters import ParameterValue, parameter_values
from sparekey.template._values import (
    Concrete,
    Conditional,
    KeyPlaces,
    ListValue,
    MapValue,
    NoValue,
    UnknownValue,
    Value,
)
from sparekey.unknown import Unknown, join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sparekey.template._conditions import Scenario
    from sparekey.template._document import Template
    from sparekey.template._environment import Environment

_NONE: Mapping[str, bool] = MappingProxyType({})
_UNBOUND: Mapping[str, str] = MappingProxyType({})
#: How many names of resources may hang on each other.
_MOST_NAMES = 20


class Resolver:
    """Resolves the nodes of one template in one environment, each when it is asked for.

    ``assumptions`` decide conditions by name that the environment leaves open.

    Raises:
        InputError: a parameter is given that the template does not have, a value violates its constraints, or a rule
            of the template does not hold.
    """

    def __init__(
        self,
        template: Template,
        environment: Environment,
        assumptions: Mapping[str, bool] = _NONE,
        *,
        bindings: Mapping[str, str] = _UNBOUND,
        parameters: Mapping[str, ParameterValue] | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Take the template, what is told about its deployment, and what is assumed.

        ``bindings`` are values of parameters and pseudo parameters that follow from the assumptions; ``parameters``
        the values of all parameters, where they are checked already; ``budget`` what may still be made.
        """
        self.template = template
        self.environment = environment
        self.assumptions = assumptions
        self.bindings = bindings
        self.budget = budget or Budget(shared=template.aliases or template.extended)
        self.conditions = Conditions(self)
        self._file = template.file
        self._known: dict[int, tuple[Node, Value]] = {}
        self._weights: dict[int, tuple[Value, int]] = {}
        self._resolving: set[str] = set()
        self.parameters = parameters or parameter_values(
            template.parameters, environment, template.file, self.budget.effort
        )
        if template.rules and parameters is None:
            from sparekey.template._rules import check_rules

            check_rules(self)

    def resolve(self, node: Node) -> Value:
        """What an expression comes to.

        Raises:
            InputError: an intrinsic function is used in a way that CloudFormation refuses.
        """
        if isinstance(node, ScalarNode) and node.tag[0] != "!":
            return self._scalar(node)
        known = self._known.get(id(node))
        if known is not None:
            if self.budget.multiplied:
                self.budget.spend_text(self._weight(known[1]), self.place(node))
            return known[1]
        call = call_of(node)
        value = self._call(call) if call else self._collection(node)
        self._known[id(node)] = (node, value)
        return value

    def condition(self, name: str) -> bool | Unknown:
        """Whether a condition of the template holds; unknown if that hangs on something not told.

        Raises:
            InputError: there is no such condition, or it hangs on itself.
        """
        return self.conditions.holds(name)

    def exists(self, logical_id: str) -> bool | Unknown:
        """Whether a resource of the template is created, by its Condition."""
        condition = self.template.resources[logical_id].condition
        return True if condition is None else self.condition(condition)

    def scenarios(self, logical_id: str, limit: int = 64) -> tuple[Scenario, ...]:
        """The ways the open conditions that a resource hangs on can turn out.

        One scenario without description if none is open, or if there are more than ``limit``: then the conditionals
        stay open.
        """
        from sparekey.template._scenarios import scenarios

        return scenarios(self, logical_id, limit)

    def assuming(self, assumptions: Mapping[str, bool], bindings: Mapping[str, str]) -> Resolver:
        """A resolver that also takes conditions, and values of parameters, for granted."""
        return Resolver(
            self.template,
            self.environment,
            {**self.assumptions, **assumptions},
            bindings={**self.bindings, **bindings},
            parameters=self.parameters,
            budget=self.budget,
        )

    def place(self, node: Node) -> Place:
        """Where a node stands."""
        mark = node.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1)

    def text(self, value: Value) -> str | Unknown:
        """A value as text, as ``Fn::Sub`` and ``Fn::Join`` take it.

        Raises:
            InputError: it is a list or a mapping.
        """
        match value:
            case Concrete():
                return value.text
            case UnknownValue() | Conditional():
                return value.unknown
            case NoValue():
                return ""
            case ListValue() | MapValue():
                kind = "a list" if isinstance(value, ListValue) else "a mapping"
                raise InputError(f"{kind} stands where a text is needed", value.place)

    def value(self, text: str | Unknown, node: Node) -> Value:
        """The value that a text, known or not, is at a node; with the dynamic references in it left open."""
        place = self.place(node)
        if isinstance(text, str):
            if "{{resolve:" not in text:
                return Concrete(text, place, node)
            from sparekey.template._dynamic import with_dynamic_references

            text = with_dynamic_references(text, self.environment.ssm)
            if isinstance(text, str):
                return Concrete(text, place, node)
        return UnknownValue(text, place, node)

    def moved(self, value: Value, node: Node) -> Value:
        """The text of a value, as the value of the node that refers to it."""
        match value:
            case Concrete():
                return Concrete(value.text, self.place(node), node, value.resource, value.attribute)
            case UnknownValue():
                return value._replace(place=self.place(node), node=node)
            case _:
                return self.value(self.text(value), node)

    def relocated(self, value: Value, node: Node) -> Value:
        """A value as the value of the node that refers to it; its parts keep their places."""
        return value._replace(place=self.place(node), node=node)

    def unknown(self, value: Value) -> Unknown:
        """What a value that is not wholly known hangs on."""
        return Unknown(tuple(dict.fromkeys(hangs_on(value))))

    def within(self, name: str, node: Node) -> Value:
        """Resolve what names a resource; unknown if it hangs on itself, or on too many others."""
        if name in self._resolving or len(self._resolving) >= _MOST_NAMES:
            return UnknownValue(Unknown((f"`{name}`",)), self.place(node), node)
        self._resolving.add(name)
        try:
            return self.resolve(node)
        finally:
            self._resolving.discard(name)

    def joined(self, parts: list[str | Unknown], node: Node, *, written: int = 0) -> Value:
        """The concatenation of texts, as the value of a node; ``written`` characters of them stand there."""
        length = sum(map(_size, parts)) - written
        if length > FREE_TEXT:
            self.budget.spend_text(length, self.place(node))
        return self.value(join(parts), node)

    def _scalar(self, node: ScalarNode) -> Value:
        """A scalar that is no function."""
        text: str = node.value
        if node.tag == STR and "{{resolve:" not in text and (node.style or text[:1] != "0"):
            return Concrete(text, self.place(node), node)
        value = scalar_value(node)
        if isinstance(value, str):
            found = self.value(value, node)
            return found._replace(reads_as=reads_as(node)) if isinstance(found, Concrete) else found
        written = node.value if node.tag in (INT, FLOAT) else None
        return Concrete(value, self.place(node), node, written=written)

    def _weight(self, value: Value) -> int:
        """How many characters a value holds in all its parts."""
        known = self._weights.get(id(value))
        if known is None:
            known = self._weights[id(value)] = value, self._weigh(value)
        return known[1]

    def _weigh(self, value: Value) -> int:
        match value:
            case Concrete():
                return len(value.text)
            case UnknownValue():
                return _size(value.unknown)
            case ListValue():
                return sum(map(self._weight, value.items))
            case MapValue():
                return sum(map(self._weight, value.items.values()))
            case Conditional():
                return self._weight(value.if_true) + self._weight(value.if_false)
            case NoValue():
                return 0

    def _call(self, call: Call) -> Value:
        """The value of an intrinsic function."""
        function = FUNCTIONS.get(call.name)
        if function is None:
            raise InputError(f"`{call.name}` is no function that CloudFormation knows", self.place(call.node))
        return function(self, call)

    def _collection(self, node: Node) -> Value:
        """A list or a mapping, without the elements that are ``AWS::NoValue``."""
        place = self.place(node)
        if not isinstance(node, MappingNode):
            resolved = map(self.resolve, node.value)
            return ListValue(tuple([item for item in resolved if not isinstance(item, NoValue)]), place, node)
        items: dict[str, Value] = {}
        keys: dict[str, Node] = {}
        for key, content in pairs(node):
            name: str = key.value
            if name.startswith(LOOP) and self.template.extended:
                from sparekey.template._language_extensions import expand_in_mapping

                unknown = expand_in_mapping(self, key, content, items, keys)
                if unknown is not None:
                    return UnknownValue(unknown.unknown, place, node)
                continue
            if name == "Fn::Transform":
                return UnknownValue(Unknown(("what a macro returns",)), place, node)
            value = self.resolve(content)
            if not isinstance(value, NoValue):
                items[name] = value
                keys[name] = key
        return MapValue(items, KeyPlaces(place.file, keys), place, node)


def _size(text: str | Unknown) -> int:
    """The length of a text, as far as it is known, with what it hangs on."""
    if isinstance(text, str):
        return len(text)
    return sum(len(piece) for piece in text.pieces if piece) + ELEMENT * len(text.hangs_on)
