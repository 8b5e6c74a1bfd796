"""The options that check and fix share."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sparekey.cli._files import policy_files, policy_levels, read_file, templates
from sparekey.cli._parameters import pairs, read_parameter_file
from sparekey.cli._parser import Parser
from sparekey.cli.deployment import Deployment, add_arguments, read_deployment
from sparekey.errors import InputError
from sparekey.policy import ABSENT
from sparekey.template import Template

if TYPE_CHECKING:
    from collections.abc import Sequence

ALICE = "arn:aws:iam::123456789012:user/Alice"
TEMPLATE = "Parameters:\n  A: {Type: String}\nResources:\n  Key:\n    Type: AWS::KMS::Key\n"


def deployment(*arguments: str, caller: str | None = ALICE) -> Deployment:
    parser = Parser(prog="sparekey check")
    add_arguments(parser)
    who = ["--as", caller] if caller else []
    return read_deployment(parser.parse_intermixed_args(["template.yaml", *who, *arguments]))


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def stdin(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))


# who deploys


def test_without_as_the_error_says_why_it_matters() -> None:
    with pytest.raises(InputError, match="depends on who deploys it") as error:
        deployment(caller=None)
    assert "aws sts get-caller-identity" in (error.value.hint or "")


def test_account_and_partition_are_the_callers_unless_given() -> None:
    found = deployment(caller="arn:aws-cn:iam::123456789012:user/Alice").environment
    assert (found.account, found.partition, found.region) == ("123456789012", "aws-cn", None)


def test_the_account_of_another_is_refused() -> None:
    with pytest.raises(InputError, match="is not the account of") as error:
        deployment("--account", "999999999999")
    assert error.value.hint == "a stack is made in the account of the principal that creates it"


def test_the_callers_own_account_may_be_given() -> None:
    assert deployment("--account", "123456789012").environment.account == "123456789012"


def test_an_account_that_is_no_account_id_is_refused() -> None:
    with pytest.raises(InputError, match="no account id of twelve digits"):
        deployment("--account", "12345")


def test_context_keys_may_have_one_value_several_or_none() -> None:
    context = deployment(
        "--context",
        "aws:SourceIp=192.0.2.1",
        "aws:PrincipalOrgPaths=o-1/r-1/",
        "aws:SourceVpce",
        "x:y=1",
        "x:y=2",
        "aws:viaawsservice=false",
    ).deployer.context
    assert context.values["aws:SourceIp"] == "192.0.2.1"
    assert context.values["aws:PrincipalOrgPaths"] == ("o-1/r-1/",)
    assert context.values["aws:SourceVpce"] is ABSENT
    assert context.values["x:y"] == ("1", "2")
    assert context.values["aws:viaawsservice"] == "false"
    assert "aws:ViaAWSService" not in context.values


@pytest.mark.parametrize("text", ["SourceIp=1", "=1", ""])
def test_a_context_key_needs_its_service(text: str) -> None:
    with pytest.raises(InputError, match="a context key is written `service:Name`"):
        deployment("--context", text)


def test_standard_input_is_read_once_only() -> None:
    with pytest.raises(InputError, match="can be read once only"):
        deployment("--iam", "-", "--scp", "-")


def test_a_wrong_option_is_one_line() -> None:
    with pytest.raises(InputError, match="unrecognized arguments: --nonsense") as error:
        deployment("--nonsense")
    assert error.value.hint == "`sparekey check --help` shows the options"


def test_policies_of_the_deployer_and_service_control_policies_are_read(tmp_path: Path) -> None:
    allow = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    write(tmp_path, {"iam.json": allow, "scp/1.json": allow, "scp/2.json": allow})
    found = deployment("--iam", str(tmp_path / "iam.json"), "--scp", str(tmp_path / "scp")).deployer.policies
    assert isinstance(found.identity, tuple)
    assert [policy.name for policy in found.identity] == [f"`{tmp_path / 'iam.json'}`"]
    assert isinstance(found.scp, tuple)
    assert [len(level) for level in found.scp] == [2]


# parameters


def test_parameters_come_from_files_and_the_command_line_wins(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"Parameters": {"A": "file", "B": "file"}, "Tags": {"team": "file"}}')
    found = deployment("--parameter-file", str(file), "--parameters", "A=here", "--tags", "cost=1", "--import", "X=1")
    assert found.environment.parameters == {"A": "here", "B": "file"}
    assert found.deployer.stack_tags == {"team": "file", "cost": "1"}
    assert found.environment.imports == {"X": "1"}


def test_of_several_templates_each_takes_the_parameters_it_has(tmp_path: Path) -> None:
    write(tmp_path, {"t.yaml": TEMPLATE})
    parser = Parser(prog="sparekey check")
    add_arguments(parser)
    options = parser.parse_args([str(tmp_path / "t.yaml"), "--as", ALICE, "--parameters", "A=1", "B=2"])
    found = read_deployment(options)
    (template,) = found.templates()
    assert isinstance(template, Template)
    assert found.environment_of(template, alone=True).parameters == {"A": "1", "B": "2"}
    assert found.environment_of(template, alone=False).parameters == {"A": "1"}


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["A=1", "B=x=y", "C="], {"A": "1", "B": "x=y", "C": ""}),
        (["ParameterKey=A,ParameterValue=1,2"], {"A": "1,2"}),
        (["Key=team,Value=shop"], {"team": "shop"}),
        (["Key=1"], {"Key": "1"}),
        (["A=1", "A=1"], {"A": "1"}),
    ],
)
def test_names_and_values_are_read(texts: Sequence[str], expected: dict[str, str]) -> None:
    assert pairs("--parameters", texts) == expected


def test_a_value_without_a_name_is_an_error_that_helps_a_misplaced_template() -> None:
    with pytest.raises(InputError) as error:
        pairs("--parameters", ["template.yaml"])
    assert error.value.message == "`--parameters template.yaml`: this is no `NAME=VALUE`"
    assert "templates stand before the options" in (error.value.hint or "")


def test_two_values_for_one_name_are_an_error() -> None:
    with pytest.raises(InputError, match="`--ssm A` is given twice"):
        pairs("--ssm", ["A=1", "A=2"])


@pytest.mark.parametrize(
    ("text", "parameters", "tags"),
    [
        ('[{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": true}]',
         {"A": "1"}, {}),
        ('{"Parameters": {"A": "1"}, "Tags": {"t": "x"}}', {"A": "1"}, {"t": "x"}),
        ('{"Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}], "Tags": [{"Key": "t", "Value": "x"}]}',
         {"A": "1"}, {"t": "x"}),
        ('{"A": 1, "B": true, "C": ["x", "y"]}', {"A": "1", "B": "true", "C": "x,y"}, {}),
        ("A: 012345678901\nB: [1, 2]\nV: 2012-10-17\n", {"A": "012345678901", "B": "1,2", "V": "2012-10-17"}, {}),
        ("Parameters: text\n", {"Parameters": "text"}, {}),
        ("\ufeffA: x\n", {"A": "x"}, {}),
        ("{A: x, B: &b y, C: *b}", {"A": "x", "B": "y", "C": "y"}, {}),
        ('{"A": "\\ud83d\\udd11"}', {"A": "\U0001f511"}, {}),
        ('{"Parameters": {"A": "1"}, "Tags": null}', {"A": "1"}, {}),
    ],
)  # fmt: skip
def test_parameter_files_of_every_form_are_read(text: str, parameters: dict[str, str], tags: dict[str, str]) -> None:
    found = read_parameter_file("p", text.encode())
    assert (found.parameters, found.tags) == (parameters, tags)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a parameter file holds a mapping"),
        (b"text", "a parameter file holds a mapping"),
        (b"[1]", "an entry has no `ParameterKey`"),
        (b'{"A": {"B": 1}}', "the value of `A` is neither text nor a list of texts"),
        (b'{"Parameters": {}, "Tags": "x"}', "parameters and tags are mappings"),
        (b'{"A": ', "this is neither JSON nor YAML"),
        (b"\xff", "this is not text in UTF-8"),
        (b"a: \x00", "this is neither JSON nor YAML"),
        (b"[" * 5000, "this is neither JSON nor YAML: .* deeper than 100 levels"),
        (b"- " * 100_000, "this is neither JSON nor YAML: .* deeper than 100 levels"),
        (b"a: &a [*a]", "a YAML alias stands within what it stands for"),
        (
            b"a: &a [x, x]\n" + b"".join(b"%c: &%c [*%c, *%c]\n" % (n, n, n - 1, n - 1) for n in range(98, 123)),
            "the YAML aliases stand for more",
        ),
        (b'{"A": "1", "A": "2"}', "`A` stands twice in one mapping"),
        (b"- {ParameterKey: A, ParameterValue: 1}\n- {ParameterKey: A, ParameterValue: 2}", "`A` stands twice"),
        (b"A: !Ref B", "the value of `A` is neither text nor a list of texts"),
        (b"A: !Split [a]", "the value of `A` is neither text nor a list of texts"),
        (b"? [a]\n: b", "a key is not a plain text"),
        (b"- ParameterKey: [a]", "an entry has no `ParameterKey`"),
    ],
)
def test_a_parameter_file_of_another_form_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read_parameter_file("p.json", data)
    assert error.value.place is not None
    assert error.value.place.file == "p.json"


# files


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_bytes(b"x" * 1024 * 1024)
    assert len(read_file(str(file), 1024 * 1024)) == 1024 * 1024
    file.write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(InputError, match="holds more than 1 MiB"):
        read_file(str(file), 1024 * 1024)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without end")
def test_an_endless_file_is_an_error() -> None:
    with pytest.raises(InputError, match="holds more than 1 MiB"):
        read_file("/dev/zero", 1024 * 1024)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("missing.yaml", "no such file or directory"), ("/", "is a directory"), ("a\0b", "embedded null byte")],
)
def test_a_file_that_cannot_be_read_is_an_error(name: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        read_file(name, 10)


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, "text")
    assert list(templates("-")) == [("<stdin>", b"text")]
    stdin(monkeypatch, "{}")
    assert policy_files("-") == [("<stdin>", b"{}")]


def test_of_a_folder_only_templates_are_taken(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a.yaml": TEMPLATE,
            "b.json": '{\n"Resources": {"K": {"Type": "AWS::KMS::Key"}}}',
            "c.template": TEMPLATE,
            "d.yml": "Resources:\n  limits: {cpu: 1}\n",  # another tool's file
            "e.json": "{}",
            "f.txt": TEMPLATE,
            "sub/g.yaml": TEMPLATE,
            ".hidden/h.yaml": TEMPLATE,
            "node_modules/i.yaml": TEMPLATE,
        },
    )
    (tmp_path / "z.yaml").write_bytes(b"\xff\x00")
    (tmp_path / "y.yaml").symlink_to(tmp_path / "nowhere")
    names = [str(Path(name).relative_to(tmp_path)) for name, _ in templates(str(tmp_path))]
    assert names == ["a.yaml", "b.json", "c.template", "sub/g.yaml"]


def test_of_a_cdk_assembly_the_synthesized_templates_are_taken(tmp_path: Path) -> None:
    template = '{"Resources": {"K": {"Type": "AWS::KMS::Key"}}}'
    write(
        tmp_path,
        {"cdk.out": "{}", "manifest.json": "{}", "Shop.template.json": template, "asset.1/code.json": template,
         "assembly-P/Prod.template.json": template, "assembly-P/cdk.out": "{}", "assembly-P/manifest.json": "{}",
         "tree.json": template},
    )  # fmt: skip
    names = [str(Path(name).relative_to(tmp_path)) for name, _ in templates(str(tmp_path))]
    assert names == ["Shop.template.json", "assembly-P/Prod.template.json"]


def test_a_folder_without_templates_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no CloudFormation template in"):
        list(templates(str(tmp_path)))


def test_a_folder_of_policies_is_read_with_its_folders(tmp_path: Path) -> None:
    write(tmp_path, {"b.json": "2", "a/c.json": "1", "x.txt": ""})
    assert [data for _, data in policy_files(str(tmp_path))] == [b"1", b"2"]


def test_a_folder_without_policies_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no JSON file in folder"):
        policy_files(str(tmp_path))


def test_each_scp_argument_is_a_level_and_a_folder_of_folders_several(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"root.json": "r", "ou/1.json": "a", "ou/2.json": "b", "tree/own.json": "t", "tree/1-root/x.json": "x",
         "tree/2-ou/y.json": "y"},
    )  # fmt: skip
    levels = policy_levels([str(tmp_path / name) for name in ("root.json", "ou", "tree")])
    assert [[data for _, data in level] for level in levels] == [[b"r"], [b"a", b"b"], [b"t"], [b"x"], [b"y"]]


def test_unreadable_templates_are_errors_among_the_others(tmp_path: Path) -> None:
    write(tmp_path, {"good.yaml": TEMPLATE, "bad.yaml": "Resources: []"})
    parser = Parser(prog="sparekey check")
    add_arguments(parser)
    names = [str(tmp_path / name) for name in ("bad.yaml", "missing.yaml", "good.yaml")]
    found = list(read_deployment(parser.parse_args([*names, "--as", ALICE])).templates())
    assert [type(each) for each in found] == [InputError, InputError, Template]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--region", ""),
        ("--region", "Europe"),
        ("--region", "eu-west-1\n"),
        ("--region", "eu-west-\u0661"),
        ("--partition", "aws-x"),
    ],
)
def test_a_region_or_partition_that_cannot_be_is_refused(option: str, value: str) -> None:
    with pytest.raises(InputError) as error:
        deployment(option, value)
    assert error.value.message.startswith(f"`{option} {value}`")
