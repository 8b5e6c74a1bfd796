"""What the input does not tell, and what of it was passed over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sparekey.check._finding import Finding, Level, Verdict
from sparekey.check._rule import Given, Rule
from sparekey.check._settings import KEY_TYPES
from sparekey.check.rules._examples import ROOT_STATEMENT, key_template
from sparekey.check.rules._wording import deployer
from sparekey.check.rules.principals import use_statement
from sparekey.policy import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sparekey.check._view import KeyView

#: How to tell what an answer hangs on, by the words it is named with.
_OPTIONS = (
    (
        "identity policies",
        "give `--iam` with `aws iam get-account-authorization-details`, or with the policies themselves",
    ),
    ("permissions boundary", "give `--iam` with `aws iam get-account-authorization-details`"),
    ("session polic", "name the session in the key policy: no option tells what its session policy allows"),
    ("(--ssm ", "give `--ssm NAME=VALUE`"),
    ("parameter `", "give `--parameters NAME=VALUE`"),
    ("export `", "give `--import NAME=VALUE`"),
    ("the import `", "give `--import NAME=VALUE`"),
)
_CONTEXT_KEY = re.compile(r"context key `([^`]+)`")


def _find_undecided(view: KeyView) -> Iterator[Finding]:
    if view.verdict is not Verdict.UNDECIDED:
        return
    open_calls = [call for call in view.calls if call.decision.outcome is Outcome.UNDECIDED]
    names = list(_named(name for call in open_calls for name in call.decision.hangs_on))
    hints = list(dict.fromkeys(option for words, option in _OPTIONS if any(_about(words, name) for name in names)))
    if keys := dict.fromkeys(key for name in names for key in _CONTEXT_KEY.findall(name)):
        hints.append(f"give `--context {' '.join(f'{key}=VALUE' for key in keys)}`")
    if view.template.transforms and any(_made_elsewhere(view, name) for name in names):
        hints.append("check the processed template: `aws cloudformation get-template --template-stage Processed`")
    because = next((call.decision.because for call in open_calls if call.decision.because), None)
    place = (because.place if because else None) or view.resource.place
    message = f"it is open whether {deployer(view)} can make the key"
    if names:
        verb = "hangs" if len(open_calls) == 1 else "hang"
        actions = " and ".join(f"`{call.action}`" for call in open_calls[:3])
        message += f": {actions} {verb} on {', '.join(names[:4])}" + (" and more" if len(names) > 4 else "")
    yield Finding("SK001", Level.WARNING, message, place, view.logical_id, tuple(hints))


def _about(words: str, name: str) -> bool:
    return words in name and not (words == "parameter `" and "(--ssm " in name)


def _made_elsewhere(view: KeyView, name: str) -> bool:
    """Whether a name is an attribute of a resource that the template does not have: a transform may make it."""
    resource, dot, _ = name.strip("`").partition(".")
    return bool(dot) and resource.isalnum() and resource not in view.template.resources


def _named(hangs_on: Iterable[str]) -> Iterator[str]:
    """Name each thing once, whatever it must allow; a boundary is told along with the identity policies."""
    names = dict.fromkeys(name.partition(" allowing ")[0].partition(" not denying ")[0] for name in hangs_on)
    identity = any("identity policies" in name for name in names)
    return (name for name in names if not (identity and "permissions boundary" in name))


UNDECIDED = Rule(
    id="SK001",
    name="undecided",
    level=Level.WARNING,
    summary="The input does not tell whether KMS accepts the key policy.",
    explanation="""\
The answer hangs on something that neither the template nor the options tell: most often the IAM policies of the
deployer (a key policy that delegates to the account leaves the decision to them), a parameter without a default, an
imported value, or a context key that only the real request has. What is unknown is never taken for allowed.

**Repair.** Give what the finding names: `--iam` (files of `aws iam get-account-authorization-details`, or policy
documents), `--parameters`, `--import`, `--ssm`, `--context`. Or name the deployer in the key policy, so that its
IAM policies do not matter.
""",
    bad=key_template(),
    good=key_template(),
    bad_given=Given(iam=None),
    find=_find_undecided,
)


def _find_transformed(view: KeyView) -> Iterator[Finding]:
    names = [name for name in view.template.transforms if not name.startswith("AWS::") or name == "AWS::Include"]
    first = next((resource for resource in view.template.resources.values() if resource.type in KEY_TYPES), None)
    if names and first is view.resource:
        yield Finding(
            "SK002",
            Level.NOTE,
            f"the template is checked as it is written; {', '.join(f'`{name}`' for name in names)} may change it",
            view.resource.place,
            view.logical_id,
            ("check the processed template: `aws cloudformation get-template --template-stage Processed`",),
        )


TRANSFORMED = Rule(
    id="SK002",
    name="transform-passed-over",
    level=Level.NOTE,
    summary="The template names a transform that the check does not run.",
    explanation="""\
Macros, `AWS::Include` and SAM rewrite a template before it is deployed; `AWS::LanguageExtensions` alone is carried
out by the check. The verdict is about the template as it is written. SAM leaves `AWS::KMS::Key` resources as they
are; a macro may do anything to them.

**Repair.** Check the processed template too, which CloudFormation shows with
`aws cloudformation get-template --template-stage Processed`.

AWS: [Transforms](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html).
""",
    bad=key_template(top="Transform: KeyMacro\n"),
    good=key_template(top="Transform: AWS::Serverless-2016-10-31\n"),
    find=_find_transformed,
)


def _find_nothing(view: KeyView) -> Iterator[Finding]:  # the check says it while it reads the Metadata
    del view
    return iter(())


IGNORED_WITHOUT_REASON = Rule(
    id="SK003",
    name="ignore-without-reason",
    level=Level.WARNING,
    summary="A finding is ignored in the template's Metadata without a reason, so it is not ignored.",
    explanation="""\
`Metadata: sparekey: ignore:` of a resource, or of the whole template, takes a list of entries with the `id` of a
rule and a `reason`. An entry without a reason ignores nothing, so that nobody has to guess later why it is there.

**Repair.** Add the reason.
""",
    bad=key_template(use_statement("arn:aws:iam::123456789012:user/Alice").replace("kms:Encrypt", "kms:Put*")).replace(
        "    Properties:\n", "    Metadata:\n      sparekey:\n        ignore:\n          - id: SK301\n    Properties:\n"
    ),
    good=key_template(ROOT_STATEMENT).replace(
        "    Properties:\n",
        "    Metadata:\n      sparekey:\n        ignore:\n          - id: SK301\n"
        "            reason: the key lives for one test only\n    Properties:\n",
    ),
    find=_find_nothing,
)
