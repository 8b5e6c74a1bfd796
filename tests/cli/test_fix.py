"""The command: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from sparekey.cli.main import main

CORPUS = Path(__file__).parents[2] / "corpus"
ADMINISTRATOR = str(CORPUS / "snapshots" / "policies" / "administrator.json")
ALICE = "arn:aws:iam::123456789012:user/Alice"
CAROL = "arn:aws:iam::123456789012:user/Carol"

LOCKING = """\
# The key of the orders
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Sid: Admin  # Alice and nobody else
            Effect: Allow
            Principal:
              AWS: arn:aws:iam::123456789012:user/Alice
            Action: kms:*
            Resource: "*"
"""
FIXED = LOCKING.replace(f"AWS: {ALICE}", f"AWS:\n                - {ALICE}\n                - {CAROL}")
DELEGATING = LOCKING.replace("user/Alice", "root")


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


AS_CAROL = ("--as", CAROL, "--iam", ADMINISTRATOR)


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "t.yaml"
    path.write_text(LOCKING)
    return path


def test_an_edit_is_printed_as_a_diff_behind_its_reasons(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "t.yaml", *AS_CAROL]) == 1
    out = capsys.readouterr().out
    words, diff = out.split("--- a/t.yaml\n")
    assert words.split("\n")[:2] == [
        "t.yaml:3:3: `Key`: lockout now, pass with this:",
        f"  edit: name `{CAROL}` in statement `Admin` [C01]",
    ]
    assert words.split("\n")[2].startswith(f"  proved: nobody but `{CAROL}` gained anything (")
    assert diff.startswith("+++ b/t.yaml\n@@ -9,6 +9,8 @@\n")
    assert template.read_text() == LOCKING


def test_git_applies_what_is_printed(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fix", "t.yaml", *AS_CAROL])
    environment = {"GIT_DIR": str(template.parent / "none"), "PATH": "/usr/bin:/bin"}
    printed = capsys.readouterr().out
    subprocess.run(["git", "apply"], cwd=template.parent, check=True, input=printed.encode(), env=environment)
    assert template.read_text() == FIXED


def test_write_puts_the_new_text_in_place_and_keeps_mode_mark_and_line_ends(
    template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template.write_bytes(b"\xef\xbb\xbf" + LOCKING.replace("\n", "\r\n").encode())
    template.chmod(0o640)
    assert main(["fix", "t.yaml", *AS_CAROL, "--write"]) == 0
    assert template.read_bytes() == b"\xef\xbb\xbf" + FIXED.replace("\n", "\r\n").encode()
    assert template.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in template.parent.iterdir()] == ["t.yaml"]
    out = capsys.readouterr().out
    assert out.endswith("t.yaml: written\n")
    assert "---" not in out
    assert main(["fix", "t.yaml", *AS_CAROL, "--write"]) == 0
    assert capsys.readouterr().out == "t.yaml: nothing to fix\n"


def test_write_goes_through_a_symbolic_link(template: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(template)
    assert main(["fix", "link.yaml", *AS_CAROL, "--write"]) == 0
    assert link.is_symlink()
    assert template.read_text() == FIXED


def test_what_is_to_be_attached_in_iam_remains_to_be_done_after_writing(
    template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template.write_text(DELEGATING + LOCKING.split("Resources:\n")[1].replace("Key:\n    Type", "Second:\n    Type"))
    assert main(["fix", "t.yaml", "--as", CAROL, "--write"]) == 1
    out = capsys.readouterr().out
    assert f"  attach to `{CAROL}`, in its identity-based policy: allow `kms:CreateKey` and `kms:PutKeyPolicy`" in out
    assert '        "kms:PutKeyPolicy"\n' in out
    assert "`Second`: lockout now, undecided with this:" in out
    assert "  still open: the identity policies of " in out
    assert template.read_text().count(CAROL) == 1


def test_a_statement_to_attach_is_printed_once(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template.write_text(DELEGATING + DELEGATING.split("Resources:\n")[1].replace("Key:\n    Type", "Second:\n    Type"))
    assert main(["fix", "t.yaml", "--as", CAROL]) == 1
    out = capsys.readouterr().out
    assert out.count('"kms:PutKeyPolicy"') == 1
    assert f"  attach to `{CAROL}` the same as for `Key`\n" in out


def test_a_guardrail_is_shown_with_the_deployer_exempted(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template.write_text(DELEGATING)
    Path("guards").mkdir()
    Path("guards/all.json").write_text(policy({"Effect": "Allow", "Action": "*", "Resource": "*"}))
    spared = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/SecurityAdministrator"}}
    deny = {"Sid": "Guard", "Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*", "Condition": spared}
    Path("guards/guard.json").write_text(policy(deny))
    assert main(["fix", "t.yaml", *AS_CAROL, "--scp", "guards"]) == 1
    out = capsys.readouterr().out
    assert "  change in the service control policy `guards/guard.json` (guards/guard.json:1:" in out
    assert f"exempt `{CAROL}` from statement `Guard`, which denies it `kms:PutKeyPolicy`" in out
    assert f'            "{CAROL}"\n' in out


def test_a_refusal_says_why(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template.write_text(LOCKING.replace("Admin ", "A" * 40_000))
    assert main(["fix", "t.yaml", *AS_CAROL]) == 1
    assert capsys.readouterr().out.startswith(
        "t.yaml:3:3: `Key`: too_large, and nothing is proposed: statements have to go, and only you know which\n"
    )


def test_what_is_not_told_is_named(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template.write_text("Parameters: {Admin: {Type: String}}\n" + LOCKING.replace(ALICE, "!Ref Admin"))
    assert main(["fix", "t.yaml", *AS_CAROL]) == 0
    assert capsys.readouterr().out == (
        "t.yaml:4:3: `Key`: undecided, and nothing to change before it is told: parameter `Admin`\n"
    )


def test_json_holds_the_diff_and_everything_about_it(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("second.yaml").write_text(DELEGATING)
    assert main(["fix", "t.yaml", "second.yaml", "--as", CAROL, "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema_version"] == "1"
    first, second = document["templates"]
    assert first["path"] == "t.yaml"
    assert first["diff"].startswith("--- a/t.yaml\n")
    assert first["edits"] == [
        {
            "line": 12,
            "removed": [f"              AWS: {ALICE}\n"],
            "added": ["              AWS:\n", f"                - {ALICE}\n", f"                - {CAROL}\n"],
        }
    ]
    (key,) = first["keys"]
    assert (key["logical_id"], key["line"], key["column"], key["status"]) == ("Key", 3, 3, "proposed")
    assert (key["before"], key["after"]) == ("lockout", "undecided")
    assert key["changes"] == [{"change": f"name `{CAROL}` in statement `Admin`", "cause": "C01"}]
    assert key["proof"]["administrators"] == [CAROL]
    assert key["identity_statements"] == []
    assert second["diff"] == ""
    (attachment,) = second["keys"][0]["identity_statements"]
    assert attachment["attach_to"] == CAROL
    assert attachment["policy_type"] == "identity-based policy"
    assert attachment["statement"]["Action"] == ["kms:CreateKey", "kms:PutKeyPolicy"]
    assert second["keys"][0]["proof"] is None


def test_the_proposal_can_go_to_a_file(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "t.yaml", *AS_CAROL, "--output", "fix.diff"]) == 1
    assert capsys.readouterr().out == ""
    assert "+                - " in Path("fix.diff").read_text()
    assert main(["fix", "t.yaml", *AS_CAROL, "--output", "no/such/folder"]) == 2
    assert "error: cannot write `no/such/folder`: no such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize("administrator", ["account", "deployer"])
def test_the_user_chooses_whom_a_new_statement_names(
    administrator: str, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template.write_text(LOCKING.replace("kms:*", "kms:Decrypt"))
    assert main(["fix", "t.yaml", *AS_CAROL, "--administrator", administrator, "--write"]) == 0
    assert ("123456789012:root" in template.read_text()) is (administrator == "account")
    assert (CAROL in template.read_text()) is (administrator == "deployer")
    assert "[C01]" in capsys.readouterr().out


def test_a_folder_is_fixed_template_by_template(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("other.yaml").write_text(DELEGATING)
    Path("broken.yaml").write_text("Resources: [AWS::")
    assert main(["fix", ".", *AS_CAROL, "--write"]) == 2
    captured = capsys.readouterr()
    assert template.read_text() == FIXED
    assert "other.yaml: nothing to fix\n" in captured.out
    assert "broken.yaml:2:1: error" in captured.err
    assert Path("broken.yaml").read_text() == "Resources: [AWS::"


def test_standard_input_gets_a_diff_but_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LOCKING.encode())))
    assert main(["fix", "-", *AS_CAROL]) == 1
    assert "--- a/<stdin>\n" in capsys.readouterr().out
    assert main(["fix", "-", *AS_CAROL, "--write"]) == 2
    assert "`--write` has no file to write to" in capsys.readouterr().err


def test_typographic_quotation_marks_are_straightened(capsys: pytest.CaptureFixture[str]) -> None:
    article = str(CORPUS / "article" / "typographic-quote.json")
    role = "arn:aws:iam::123456789012:role/ServiceRoleName"
    assert main(["fix", article, "--as", ALICE, "--role-arn", role]) == 1
    out = capsys.readouterr().out
    assert f"{article}: straight quotation marks take the place of typographic ones" in out
    assert f'-                "AWS": "{role}”\n+                "AWS": "{role}"\n' in out


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"Resources: {Key: [", "t.yaml:2:1: error: "),
        (b'{"Resources": "\xe2\x80\x9d', "t.yaml:1:"),
        (b"\xff\xfe\x00\x00", "t.yaml:1:1: error: "),
        (b"\x80", "t.yaml:1:1: error: "),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(
    content: bytes, error: str, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template.write_bytes(content)
    assert main(["fix", "t.yaml", *AS_CAROL]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(error)
    assert captured.out == ""


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("missing.yaml", *AS_CAROL), "cannot read `missing.yaml`"),
        (("t.yaml",), "`--as` is missing"),
        (("t.yaml", *AS_CAROL, "--format", "sarif"), "invalid choice: 'sarif'"),
        (("t.yaml", *AS_CAROL, "--administrator", "everyone"), "invalid choice: 'everyone'"),
    ],
)
def test_wrong_usage_is_said_in_one_line(
    arguments: tuple[str, ...], error: str, template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fix", *arguments]) == 2
    assert error in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_to_leaves_the_file_alone(
    template: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_path: Path, _target: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    assert main(["fix", "t.yaml", *AS_CAROL, "--write"]) == 2
    assert "error: cannot write `t.yaml`: permission denied" in capsys.readouterr().err
    assert template.read_text() == LOCKING
    assert [path.name for path in template.parent.iterdir()] == ["t.yaml"]


def test_warnings_about_the_input_are_passed_on(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    user = {
        "Arn": CAROL,
        "UserName": "Carol",
        "UserId": "AIDACAROL",
        "UserPolicyList": [],
        "AttachedManagedPolicies": [],
    }
    Path("page.json").write_text(json.dumps({"UserDetailList": [user], "RoleDetailList": [], "IsTruncated": True}))
    main(["fix", "t.yaml", "--as", CAROL, "--iam", "page.json"])
    assert "sparekey: warning: the snapshot of account 123456789012 stops before its end" in capsys.readouterr().err


def test_the_guide_shows_what_the_command_prints() -> None:
    root = CORPUS.parent
    spec = importlib.util.spec_from_file_location("refresh", root / "docs/refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (root / "docs/guide/fix.md").read_text(encoding="utf-8")
    assert module.refreshed(page) == page
