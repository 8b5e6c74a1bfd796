"""Operations as the services declare them."""

from __future__ import annotations

import pytest

from sparekey.services.operation import Call, Output, operation, table


@operation("tea:GetPot")
def get_pot(call: Call, *, size: int = 1, kind: str | None = None) -> Output:
    return {}


@operation("tea:Brew", changes=False, changes_with=("pot",), authorized=False)
def brew(call: Call, *, pot: str | None = None) -> Output:
    return {}


def test_an_operation_has_the_name_of_its_action_and_the_parameters_of_its_function() -> None:
    assert (get_pot.name, get_pot.action) == ("GetPot", "tea:GetPot")
    assert get_pot.parameters == {"size", "kind"}
    assert brew.action is None


def test_what_reads_by_its_name_changes_nothing() -> None:
    assert not get_pot.changes_given({"size": 2})
    assert not brew.changes_given({})
    assert brew.changes_given({"pot": "p"})


def test_a_table_has_each_name_once() -> None:
    assert table(get_pot, brew) == {"GetPot": get_pot, "Brew": brew}
    with pytest.raises(ValueError, match="same name"):
        table(get_pot, brew, get_pot)
