"""Keys of a large template are repaired in excerpts of it, as they would be in the whole."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparekey.check.fixes import Status
from sparekey.check.fixes import _propose as propose_module
from sparekey.check.fixes._excerpt import Excerpt, excerpt, from_the_start
from sparekey.check.fixes._text import Edit, apply_edits
from sparekey.template import load_template
from tests.check.fixes.deployments import proposal

DEPLOY = "arn:aws:iam::111122223333:role/Deploy"
OTHER = "arn:aws:iam::111122223333:role/Other"


def key(name: str, action: str, rest: str = "") -> str:
    return f"""\
  {name}:  # a key
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - Effect: Allow
            Principal: {{AWS: "{OTHER}"}}
            Action: {action}
            Resource: "*"
{rest}"""


DENY = '          - {Effect: Deny, Principal: "*", Action: kms:PutKeyPolicy, Resource: "*"}\n'


def many(count: int) -> str:
    kinds = [("kms:*", ""), ("kms:Decrypt", ""), ("kms:*", DENY)]
    keys = "".join(key(f"Key{number}", *kinds[number % 3]) for number in range(count))
    return f"Resources:\n{keys}  Topic: {{Type: AWS::SNS::Topic}}\n"


def in_turn(text: str, monkeypatch: pytest.MonkeyPatch) -> str:
    def large(*_arguments: object) -> None:
        raise ValueError("the template is small")

    with monkeypatch.context() as patch:
        patch.setattr(propose_module, "_each_alone", large)
        return proposal(text, "--as", DEPLOY).after


def test_the_edits_are_the_same_as_in_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    text = many(14)
    found = proposal(text, "--as", DEPLOY)
    assert {fix.status for fix in found.keys} == {Status.PROPOSED}
    assert found.after == in_turn(text, monkeypatch)


@pytest.mark.parametrize("indent", [None, 2])
def test_json_is_cut_where_it_stays_json(indent: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:*", "Resource": "*"}
    resource = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [statement]}}}
    text = json.dumps({"Resources": {f"Key{number}": resource for number in range(12)}}, indent=indent)
    found = proposal(text, "--as", DEPLOY)
    assert found.after.count(DEPLOY) == 12
    assert found.after == in_turn(text, monkeypatch)


def test_keys_that_share_a_list_are_repaired_in_turn() -> None:
    text = many(10).replace(f'{{AWS: "{OTHER}"}}', f'{{AWS: &who ["{OTHER}"]}}', 1)
    text = text.replace(f'{{AWS: "{OTHER}"}}\n            Action: kms:*', "{AWS: *who}\n            Action: kms:*")
    found = proposal(text, "--as", DEPLOY)
    assert {fix.status for fix in found.keys} == {Status.PROPOSED}
    assert found.after.count(f'&who ["{OTHER}", {DEPLOY}]') == 1


def test_a_template_with_few_keys_has_no_excerpt() -> None:
    assert excerpt(load_template(many(9).encode(), "t.yaml"), "Key0") is None


def test_an_excerpt_holds_the_key_and_what_is_no_key() -> None:
    text = many(14)
    part = excerpt(load_template(text.encode(), "t.yaml"), "Key12")
    assert part is not None
    names = [line.strip() for line in part.text.split("\n") if line.endswith("# a key")]
    assert names == [f"Key{number}:  # a key" for number in (0, 1, 2, 3, 4, 5, 6, 7, 12)]
    assert part.text.endswith("  Topic: {Type: AWS::SNS::Topic}\n")


@given(st.text("ab\n", min_size=1, max_size=30), st.data())
def test_a_place_of_an_excerpt_is_found_in_the_whole(text: str, data: st.DataObject) -> None:
    marks = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=4)))
    cuts = tuple(zip(marks[::2], marks[1::2], strict=False))
    pieces, at = [], 0
    for start, end in cuts:
        pieces.append(text[at:start])
        at = end
    part = Excerpt("".join((*pieces, text[at:])), cuts)
    for offset in range(len(part.text)):
        whole = part.in_whole(Edit(offset, offset + 1, ""))
        assert text[whole.end - 1] == part.text[offset]


def test_steps_are_told_as_edits_of_the_first_text() -> None:
    text = "abcdef"
    first = [Edit(1, 2, "BBB"), Edit(4, 4, "+")]
    second = [Edit(0, 1, "A"), Edit(5, 6, "D"), Edit(8, 8, "!")]
    after = apply_edits(apply_edits(text, first), second)
    assert apply_edits(text, from_the_start([first, second])) == after == "ABBBcD+e!f"


def test_a_step_into_what_an_earlier_one_wrote_is_refused() -> None:
    with pytest.raises(ValueError, match="what an earlier one wrote"):
        from_the_start([[Edit(1, 1, "xyz")], [Edit(2, 3, "")]])
