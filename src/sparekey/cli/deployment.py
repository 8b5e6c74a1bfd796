"""The options that ``check`` and ``fix`` share: which templates, who deploys them, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sparekey.arn import is_account_id
from sparekey.check._deployer import Deployer, make_deployer
from sparekey.cli._files import PARAMETERS, policy_files, policy_levels, read_file, templates
from sparekey.cli._parameters import pairs, read_parameter_file
from sparekey.errors import InputError
from sparekey.policy import ABSENT, ContextValue, Policy
from sparekey.snapshot import Snapshot
from sparekey.template import Environment, Template, load_template

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: Context keys that hold several values; one value given for them is a list of one.
_MULTIVALUED = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
        "kms:encryptioncontextkeys",
        "kms:grantoperations",
        "kms:resourcealiases",
    }
)


class Deployment(NamedTuple):
    """What the shared options say. ``templates`` reads and parses one template after the other."""

    templates: Callable[[], Iterator[Template | InputError]]
    environment: Environment
    deployer: Deployer
    snapshot: Snapshot
    warnings: tuple[str, ...] = ()

    def environment_of(self, template: Template, *, alone: bool) -> Environment:
        """The environment for one template; of several, each takes the parameters that it has."""
        if alone:
            return self.environment
        known = {name: text for name, text in self.environment.parameters.items() if name in template.parameters}
        return self.environment._replace(parameters=known)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the shared options."""
    templates_help = "a file, a folder (cdk.out too), or - for standard input"
    parser.add_argument("templates", nargs="+", metavar="TEMPLATE", help=templates_help)
    who = parser.add_argument_group("who deploys")
    who.add_argument("--as", dest="caller", metavar="ARN", help="the user, role, session, federated user or root user")
    who.add_argument("--role-arn", metavar="ARN", help="the stack's service role, which then makes the resources")
    _several(who, "--iam", "PATH", "get-account-authorization-details output, or the deployer's policies; or folders")
    _several(who, "--scp", "PATH", "service control policies: each file or folder is one level, root first")
    _several(who, "--context", "KEY=VALUE", "a context key of the calls; KEY alone: it is not in the request")
    where = parser.add_argument_group("where and with what")
    where.add_argument("--account", metavar="ID", help="the account (default: that of --as)")
    where.add_argument("--region", metavar="NAME", help="the Region (default: us-east-1, where it matters)")
    where.add_argument("--partition", metavar="NAME", help="the partition (default: that of --as)")
    where.add_argument("--stack-name", metavar="NAME", help="the name of the stack")
    _several(where, "--parameters", "NAME=VALUE", "parameters of the stack")
    file_help = "parameters in a file: as for the AWS CLI or CodePipeline, or plain JSON or YAML"
    where.add_argument("--parameter-file", action="append", default=[], metavar="FILE", help=file_help)
    _several(where, "--import", "NAME=VALUE", "values of the exports that the template imports", dest="imports")
    _several(where, "--ssm", "NAME=VALUE", "values of Systems Manager parameters")
    _several(where, "--tags", "NAME=VALUE", "tags of the stack, which every key gets too")


def _several(group: argparse._ArgumentGroup, option: str, metavar: str, text: str, dest: str | None = None) -> None:
    """Add an option that takes several values and may be given several times."""
    name = dest or option.removeprefix("--")
    group.add_argument(option, dest=name, nargs="+", action="extend", default=[], metavar=metavar, help=text)


def read_deployment(options: argparse.Namespace) -> Deployment:
    """Turn parsed options into values, and read the files they name (of the templates, each when it is its turn).

    Raises:
        InputError: an option is missing or wrong, or a file cannot be read.
    """
    if not options.caller:
        raise InputError(
            "`--as` is missing: whether KMS accepts a key policy depends on who deploys it",
            hint="add `--as ARN`; `aws sts get-caller-identity --query Arn` prints yours",
        )
    given = [name for names in (options.templates, options.iam, options.scp) for name in names]
    if given.count("-") > 1:
        raise InputError("standard input (`-`) can be read once only")
    parameters, tags = _parameters(options)
    snapshot = _snapshot(options.iam)
    deployer = make_deployer(
        options.caller,
        service_role=options.role_arn,
        snapshot=snapshot,
        scp=_scp(options.scp),
        context=_context(options.context),
        stack_tags=tags,
    )
    environment = Environment(
        account=_account(options.account, deployer),
        region=_region(options.region),
        partition=_partition(options.partition) or deployer.principal.partition,
        stack_name=options.stack_name,
        parameters=parameters,
        imports=pairs("--import", options.imports),
        ssm=pairs("--ssm", options.ssm),
    )
    names = list(options.templates)
    return Deployment(lambda: _load(names), environment, deployer, snapshot, snapshot.warnings)


def _load(names: list[str]) -> Iterator[Template | InputError]:
    """Read and parse the templates; one that cannot be is an error among the others, not the end of all."""
    for name in names:
        try:
            for file, data in templates(name):
                try:
                    yield load_template(data, file)
                except InputError as error:
                    yield error
        except InputError as error:
            yield error


def _parameters(options: argparse.Namespace) -> tuple[dict[str, str], dict[str, str]]:
    """Parameters and stack tags: of files first, of the command line over them."""
    parameters: dict[str, str] = {}
    tags: dict[str, str] = {}
    for name in options.parameter_file:
        found = read_parameter_file(name, read_file(name, PARAMETERS))
        parameters.update(found.parameters)
        tags.update(found.tags)
    parameters.update(pairs("--parameters", options.parameters))
    tags.update(pairs("--tags", options.tags))
    return parameters, tags


def _snapshot(names: list[str]) -> Snapshot:
    if not names:
        return Snapshot()
    from sparekey.snapshot import read_snapshot

    return read_snapshot(file for name in names for file in policy_files(name))


def _scp(names: list[str]) -> tuple[tuple[Policy, ...], ...] | None:
    if not names:
        return None
    from sparekey.snapshot import read_scps

    return read_scps(policy_levels(names))


def _context(texts: Iterable[str]) -> Mapping[str, ContextValue]:
    """Read context keys: ``KEY=VALUE``, several times for several values; ``KEY`` alone is not in the request."""
    values: dict[str, list[str]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or ":" not in key:
            raise InputError(f"`--context {text}`: a context key is written `service:Name`, such as `aws:SourceIp`")
        values.setdefault(key, []).extend([value] if equals else [])
    return {
        key: ABSENT if not found else tuple(found) if len(found) > 1 or key.lower() in _MULTIVALUED else found[0]
        for key, found in values.items()
    }


def _account(account: str | None, deployer: Deployer) -> str:
    """The account: CloudFormation makes resources in the account of whoever calls it."""
    own = deployer.principal.account
    if account is None or account == own:
        return own
    if not is_account_id(account):
        raise InputError(f"`--account {account}` is no account id of twelve digits")
    raise InputError(
        f"`--account {account}` is not the account of `{deployer.principal.arn}`",
        hint="a stack is made in the account of the principal that creates it",
    )


def _region(region: str | None) -> str | None:
    """The Region, which looks like one; there are more of them every year."""
    import re

    if region is not None and re.fullmatch(r"[a-z]{2,6}(?:-[a-z]{2,16})+-[0-9]{1,2}", region, re.ASCII) is None:
        raise InputError(f"`--region {region}` is no Region", hint="a Region is written like `eu-west-1`")
    return region


def _partition(partition: str | None) -> str | None:
    """The partition, which is one of AWS's."""
    from sparekey.policy._principal import PARTITIONS

    if partition is not None and partition not in PARTITIONS:
        known = ", ".join(sorted(PARTITIONS))
        raise InputError(f"`--partition {partition}` does not exist", hint=f"one of: {known}")
    return partition
