"""The intrinsic functions over lists and texts: Join, Split, Select, Cidr, GetAZs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparekey.errors import InputError
from sparekey.template._budget import ELEMENT
from sparekey.template._nodes import Node, ScalarNode, plain_list, refused
from sparekey.template._values import Concrete, Conditional, ListValue, MapValue, NoValue, UnknownValue, Value
from sparekey.unknown import Unknown

if TYPE_CHECKING:
    from sparekey.template._calls import Call
    from sparekey.template._resolve import Resolver

_JOIN = (
    "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to"
    " be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
)
_SPLIT = (
    "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be"
    " split or a function that returns a string to be split."
)
_SELECT = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"


def _two(resolver: Resolver, call: Call, sentence: str) -> tuple[Node, Node]:
    """The two elements that a function's list must have."""
    items = plain_list(call.argument) or []
    if len(items) != 2:
        raise refused(sentence, resolver.place(call.node))
    return items[0], items[1]


def _open(resolver: Resolver, value: UnknownValue | Conditional, call: Call) -> UnknownValue:
    """The value of a call that hangs on an unknown argument."""
    return UnknownValue(Unknown(value.unknown.hangs_on), resolver.place(call.node), call.node)


def join_texts(resolver: Resolver, call: Call) -> Value:
    """``Fn::Join``: texts with a delimiter between them."""
    delimiter_node, list_node = _two(resolver, call, _JOIN)
    delimiter, items = resolver.resolve(delimiter_node), resolver.resolve(list_node)
    if isinstance(items, UnknownValue | Conditional):
        return _open(resolver, items, call)
    if not isinstance(items, ListValue) or not isinstance(delimiter, Concrete):
        raise refused(_JOIN, resolver.place(call.node))
    parts: list[str | Unknown] = []
    for item in items.items:
        if isinstance(item, ListValue | MapValue):
            raise refused(_JOIN, item.place)
        if isinstance(item, Conditional) and _may_be_nothing(item):
            return _open(resolver, item, call)
        if parts:
            parts.append(delimiter.text)
        parts.append(resolver.text(item))
    return resolver.joined(parts, call.node, written=sum(_written(item) for item in items.items))


def _written(item: Value) -> int:
    """How many characters of an element stand in the template."""
    literal = isinstance(item, Concrete) and isinstance(item.node, ScalarNode) and item.node.tag[0] != "!"
    return len(item.text) if isinstance(item, Concrete) and literal else 0


def _may_be_nothing(value: Value) -> bool:
    """Whether a value may turn out not to exist."""
    if isinstance(value, Conditional):
        return _may_be_nothing(value.if_true) or _may_be_nothing(value.if_false)
    return isinstance(value, NoValue)


def split(resolver: Resolver, call: Call) -> Value:
    """``Fn::Split``: the stretches of a text between delimiters."""
    delimiter_node, text_node = _two(resolver, call, _SPLIT)
    delimiter, value = resolver.resolve(delimiter_node), resolver.resolve(text_node)
    if isinstance(value, UnknownValue | Conditional):
        return _open(resolver, value, call)
    if not isinstance(delimiter, Concrete) or not delimiter.text or not isinstance(value, Concrete):
        raise refused(_SPLIT, resolver.place(call.node))
    place = resolver.place(call.node)
    resolver.budget.spend_text(ELEMENT * value.text.count(delimiter.text), place)
    pieces = value.text.split(delimiter.text)
    return ListValue(tuple(Concrete(piece, place, call.node) for piece in pieces), place, call.node)


def select(resolver: Resolver, call: Call) -> Value:
    """``Fn::Select``: one element of a list, counted from 0."""
    index_node, list_node = _two(resolver, call, _SELECT)
    index, items = resolver.resolve(index_node), resolver.resolve(list_node)
    for value in (items, index):
        if isinstance(value, UnknownValue | Conditional):
            return _open(resolver, value, call)
    if not isinstance(index, Concrete) or not isinstance(items, ListValue):
        raise refused(_SELECT, resolver.place(call.node))
    if any(_may_be_nothing(item) for item in items.items):
        return UnknownValue(resolver.unknown(items), resolver.place(call.node), call.node)
    number = index.text
    if not (number.isascii() and number.isdecimal() and len(number) < 10 and int(number) < len(items.items)):
        raise refused(_SELECT, resolver.place(call.node))
    return resolver.relocated(items.items[int(number)], call.node)


def cidr(resolver: Resolver, call: Call) -> Value:
    """``Fn::Cidr``: blocks of addresses within a block."""
    place = resolver.place(call.node)
    nodes = plain_list(call.argument) or []
    if len(nodes) not in (2, 3):
        raise InputError("`Fn::Cidr` takes an address block, a count and the bits of each block", place)
    texts: list[str] = []
    for node in nodes:
        text = resolver.text(resolver.resolve(node))
        if isinstance(text, Unknown):
            return UnknownValue(Unknown(text.hangs_on), place, call.node)
        texts.append(text)
    if len(texts) == 2:
        return UnknownValue(Unknown(("the bits of each block of `Fn::Cidr`",)), place, call.node)
    try:
        blocks = _blocks(texts[0], int(texts[1]), int(texts[2]))
    except ValueError:
        raise InputError(
            f"`Fn::Cidr` can not make {texts[1]} blocks of {texts[2]} bits in `{texts[0]}`", place
        ) from None
    return ListValue(tuple(Concrete(block, place, call.node) for block in blocks), place, call.node)


def _blocks(block: str, count: int, bits: int) -> list[str]:
    """The first ``count`` blocks with ``bits`` bits for hosts within ``block``."""
    from ipaddress import ip_network
    from itertools import islice

    network = ip_network(block, strict=False)
    if not 1 <= count <= 256 or not 0 <= bits <= network.max_prefixlen:
        raise ValueError(block)
    blocks = [str(inner) for inner in islice(network.subnets(new_prefix=network.max_prefixlen - bits), count)]
    if len(blocks) < count:
        raise ValueError(block)
    return blocks


def get_azs(resolver: Resolver, call: Call) -> Value:
    """``Fn::GetAZs``: the availability zones of a region, which differ from account to account."""
    name = resolver.resolve(call.argument)
    text = resolver.text(name)
    what = f"the availability zones of `{text}`" if text else "the availability zones of the region"
    return UnknownValue(Unknown((what,)), resolver.place(call.node), call.node)
