"""Laws that hold for every policy and every request, whatever they say."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, cast

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from sparekey.policy import Decision, Effect, Outcome, authorize, read_simulation
from tests.policy import alphabet
from tests.policy.blanks import blank_paths, blanked, copied
from tests.policy.documents_strategy import About, Statement, control_document, resources, statement
from tests.policy.draws import Source, built, chance, pick
from tests.policy.strategies import KINDS, Case, any_case, case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

#: How many cases are generated for each law.
EXAMPLES = max(int(os.environ.get("SPAREKEY_EXAMPLES", "500")) // 10, 1)
generated = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


CASES = built(any_case)


def decide(given_case: Case) -> Decision:
    """Ask the engine."""
    return authorize(*read_simulation(given_case))


def documents_of(given_case: Case) -> Iterator[tuple[str, dict[str, object]]]:
    """The documents of a case, each with its policy type."""
    policies = given_case["policies"]
    assert isinstance(policies, dict)
    for name, value in policies.items():
        for document in flat(value):
            yield name, document


def flat(value: object) -> Iterator[dict[str, object]]:
    """The documents in a document, a list of them or levels of lists."""
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from flat(item)


def statements_of(document: dict[str, object]) -> list[Statement]:
    """The statements of a document as a list that may be changed."""
    found = document["Statement"]
    listed: list[Statement] = found if isinstance(found, list) else [cast("Statement", found)]
    document["Statement"] = listed
    return listed


def with_another_statement(source: Source, effect: str) -> tuple[Case, Case] | None:
    """A case, and the same with one more statement of some effect; nothing where it has no document."""
    drawn = any_case(source)
    more = copied(drawn)
    places = [(name, document) for name, document in documents_of(more) if name != "rcp" or effect == "Deny"]
    if not places:
        return None
    name, document = pick(source, places)
    caller = drawn["principal"]
    assert isinstance(caller, (str, dict))
    about = About(caller, str(drawn["action"]), str(drawn["resource"]), near=90)
    added = statement(source, about, key_policy=name == "resource")
    if not (name == "resource" and about.is_trust):
        added |= resources(source, about, session=name == "session")
    if name in ("resource", "endpoint", "rcp"):
        added["Principal"] = "*" if name != "resource" or chance(source, 50) else {"AWS": pick(source, alphabet.NAMED)}
    if name == "rcp":
        added.pop("NotAction", None)
        added["Action"] = "s3:Get*" if about.action.startswith("iam") else f"{about.action.split(':')[0].lower()}:*"
    added["Effect"] = effect
    if document.get("Version") != "2012-10-17" and "${" in str(added.get("Condition")):
        added.pop("Condition")  # a variable that is plain text is no ARN, and its document refused
    listed = statements_of(document)
    listed.insert(source.number(len(listed) + 1), added)
    return drawn, more


@generated
@given(built(lambda source: with_another_statement(source, "Deny")))
def test_adding_a_deny_never_allows_more(pair: tuple[Case, Case] | None) -> None:
    assume(pair is not None)
    assert pair is not None
    before, after = (decide(given_case) for given_case in pair)
    event(f"{before.outcome} to {after.outcome}")
    if after.outcome is Outcome.ALLOWED:
        assert before.outcome is Outcome.ALLOWED, json.dumps(pair)
    if before.outcome is Outcome.EXPLICIT_DENY:
        assert after.outcome is Outcome.EXPLICIT_DENY, json.dumps(pair)


@generated
@given(built(lambda source: with_another_statement(source, "Allow")))
def test_adding_an_allow_never_allows_less(pair: tuple[Case, Case] | None) -> None:
    assume(pair is not None)
    assert pair is not None
    before, after = (decide(given_case) for given_case in pair)
    event(f"{before.outcome} to {after.outcome}")
    if before.outcome is Outcome.ALLOWED:
        assert after.outcome is Outcome.ALLOWED, json.dumps(pair)
    assert (before.outcome is Outcome.EXPLICIT_DENY) == (after.outcome is Outcome.EXPLICIT_DENY), json.dumps(pair)


@generated
@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_statements_and_policies_does_not_matter(given_case: Case, order: Random) -> None:
    shuffled = copied(given_case)
    policies = shuffled["policies"]
    assert isinstance(policies, dict)
    for _, document in documents_of(shuffled):
        order.shuffle(statements_of(document))
    for value in policies.values():
        if isinstance(value, list):
            order.shuffle(value)
            for level in value:
                if isinstance(level, list):
                    order.shuffle(level)
    grants = shuffled.get("grants")
    if isinstance(grants, list):
        order.shuffle(grants)
    before, after = decide(given_case), decide(shuffled)
    assert after.outcome == before.outcome, json.dumps([given_case, shuffled])
    assert after.policy_type == before.policy_type, json.dumps([given_case, shuffled])


def with_blanks(source: Source) -> tuple[Case, Case, Case]:
    """A case; the same with some parts left open; the same with some more left open."""
    drawn = any_case(source)
    paths = blank_paths(source, drawn)
    pieces = [chance(source, 30) for _ in paths]
    fewer = source.number(len(paths) + 1)
    some, all_ = blanked(drawn, paths[:fewer], pieces), blanked(drawn, paths, pieces)
    if chance(source, 20):
        # Whatever the context does not hold is not told: that it is absent is one of the possibilities.
        all_["unknown_context"] = [pick(source, ("aws:*", "kms:*", "aws:RequestTag/*"))]
    return drawn, some, all_


@generated
@given(built(with_blanks))
def test_what_comes_to_be_known_never_contradicts_the_answer(triple: tuple[Case, Case, Case]) -> None:
    concrete, some, most = (decide(given_case) for given_case in triple)
    event(f"{most.outcome} for {concrete.outcome}")
    assert concrete.outcome is not Outcome.UNDECIDED, json.dumps(triple[0])
    if most.outcome is not Outcome.UNDECIDED:
        assert some.outcome is not Outcome.UNDECIDED, json.dumps(triple)
        assert most.allowed == some.allowed, json.dumps(triple)
    if some.outcome is not Outcome.UNDECIDED:
        assert some.allowed == concrete.allowed, json.dumps(triple)


@generated
@given(built(with_blanks))
def test_an_undecided_answer_and_no_other_names_what_it_hangs_on(triple: tuple[Case, Case, Case]) -> None:
    for given_case in triple:
        decision = decide(given_case)
        assert bool(decision.hangs_on) == (decision.outcome is Outcome.UNDECIDED), json.dumps(given_case)


@generated
@given(CASES)
def test_letter_case_of_actions_and_context_keys_does_not_matter(given_case: Case) -> None:
    spelled = copied(given_case)
    spelled["action"] = str(given_case["action"]).swapcase()
    context = given_case["context"]
    assert isinstance(context, dict)
    if "grants" not in given_case:  # a grant looks at the encryption context letter by letter
        spelled["context"] = {key.swapcase(): value for key, value in context.items()}
    for _, document in documents_of(spelled):
        for each in statements_of(document):
            respell(each)
    before, after = decide(given_case), decide(spelled)
    assert after.outcome == before.outcome, json.dumps([given_case, spelled])


def respell(each: Statement) -> None:
    """Write the actions and condition keys of a statement in other letters."""
    for element in ("Action", "NotAction"):
        written = each.get(element)
        if isinstance(written, str):
            each[element] = written.swapcase()
        elif isinstance(written, list):
            each[element] = [text.swapcase() for text in written]
    block = each.get("Condition")
    if isinstance(block, dict):
        each["Condition"] = {
            name: {key.upper(): operands for key, operands in keys.items()}
            for name, keys in block.items()
            if len({key.upper() for key in keys}) == len(keys)
        } | {name: keys for name, keys in block.items() if len({key.upper() for key in keys}) != len(keys)}


@generated
@given(CASES)
def test_a_decision_tells_its_reason(given_case: Case) -> None:
    decision = decide(given_case)
    because = decision.because
    if decision.outcome is Outcome.EXPLICIT_DENY:
        assert because is not None
        assert because.statement is not None
        assert because.statement.effect is Effect.DENY
        assert because.policy_type is decision.policy_type
    elif because is not None and because.statement is not None:
        assert because.statement.effect is Effect.ALLOW
    assert (decision.message is None) == decision.allowed
    assert decision.allowed == (decision.outcome is Outcome.ALLOWED)


@generated
@given(CASES)
def test_asking_who_one_is_always_succeeds(given_case: Case) -> None:
    policies = given_case["policies"]
    assert isinstance(policies, dict)
    own = {name: value for name, value in policies.items() if name != "resource"}
    asked = given_case | {"action": "sts:GetCallerIdentity", "resource": "*", "policies": own}
    assert decide(asked).outcome is Outcome.ALLOWED


@generated
@given(CASES)
def test_resource_control_policies_do_not_bind_service_linked_roles(given_case: Case) -> None:
    policies = given_case["policies"]
    assert isinstance(policies, dict)
    linked = given_case | {"principal": alphabet.CALLERS[10]}
    without = {name: value for name, value in policies.items() if name not in ("scp", "rcp")}
    assert decide(linked).outcome == decide(linked | {"policies": without}).outcome


def retirement(source: Source) -> Case:
    """A case about the retiring of a grant, under resource control policies."""
    drawn = KINDS["grants"](source) | {"action": "kms:RetireGrant"}
    caller, policies = drawn["principal"], drawn["policies"]
    assert isinstance(caller, (str, dict))
    assert isinstance(policies, dict)
    controls = control_document(source, About(caller, "kms:RetireGrant", alphabet.KEY))
    return drawn | {"policies": policies | {"rcp": [[controls]]}}


@generated
@given(built(retirement))
def test_resource_control_policies_do_not_bind_the_retiring_of_grants(given_case: Case) -> None:
    policies = given_case["policies"]
    assert isinstance(policies, dict)
    without = {name: value for name, value in policies.items() if name != "rcp"}
    assert decide(given_case).outcome == decide(given_case | {"policies": without}).outcome


@generated
@given(CASES)
def test_the_number_of_an_account_does_not_matter(given_case: Case) -> None:
    written = json.dumps(given_case).replace(alphabet.HOME, "444455556666")
    assert decide(json.loads(written)).outcome == decide(given_case).outcome, written


@generated
@given(CASES)
def test_it_does_not_matter_in_which_document_of_a_type_a_statement_stands(given_case: Case) -> None:
    parted = copied(given_case)
    policies = parted["policies"]
    assert isinstance(policies, dict)
    for name in ("identity", "session"):
        policies.update({name: apart(policies[name])} if name in policies else {})
    for name in ("scp", "rcp"):
        policies.update({name: [apart(level) for level in policies[name]]} if name in policies else {})
    assert decide(parted).outcome == decide(given_case).outcome, json.dumps([given_case, parted])


def apart(documents: list[dict[str, object]]) -> list[dict[str, object]]:
    """A document for each statement."""
    return [document | {"Statement": [each]} for document in documents for each in statements_of(document)]


def test_an_endpoint_that_says_nothing_lets_nothing_through() -> None:
    policies: Case = {"identity": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]}
    asked = case(alphabet.USER, "s3:ListAllMyBuckets", "*", {}, policies)
    nothing: Case = {
        "Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"},
    }
    assert decide(asked).outcome is Outcome.ALLOWED
    assert decide(asked | {"policies": policies | {"endpoint": nothing}}).outcome is Outcome.IMPLICIT_DENY
