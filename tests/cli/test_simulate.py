"""``sparekey simulate``: cases in, answers out."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, cast

import pytest

from sparekey.cli import _stream, _yaml_cases
from sparekey.cli.main import main
from sparekey.cli.simulate import run
from sparekey.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Answer = dict[str, object]

ALICE = "arn:aws:iam::111122223333:user/Alice"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ADMINISTRATOR = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}
KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Delegate",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
CASE: dict[str, object] = {
    "id": "alice",
    "principal": ALICE,
    "action": "kms:Decrypt",
    "resource": KEY,
    "policies": {"identity": [ADMINISTRATOR], "resource": KEY_POLICY},
}
YAML = f"""\
# Alice and the key
principal: {ALICE}
action: kms:PutKeyPolicy
resource: {KEY}
resource_owner: 111122223333
policies:
  identity:
    - Version: 2012-10-17
      Statement:
        - Sid: All
          Effect: Allow
          Action: '*'
          Resource: '*'
  resource:
    Version: 2012-10-17
    Statement:
      - Sid: Delegate
        Effect: Allow
        Principal: {{AWS: 111122223333}}
        Action: kms:*
        Resource: '*'
      - Sid: Nobody
        Effect: Deny
        Principal: '*'
        Action: kms:PutKeyPolicy
        Resource: '*'
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str | bytes, str], str]:
    """Write a file and tell its name."""

    def write(content: str | bytes, name: str = "case.json") -> str:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def without(*keys: str) -> dict[str, object]:
    """The case without some of its keys."""
    return {key: value for key, value in CASE.items() if key not in keys}


class TestOneCase:
    def test_an_allowed_request_exits_with_0(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run([file(json.dumps(CASE, indent=1))]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(f"allowed\n  {ALICE} calls kms:Decrypt on {KEY}\n")
        assert "  by `All` (Allow) of the identity-based policy\n" in shown
        assert "  to which it is delegated by `Delegate` (Allow) of the key policy\n" in shown
        assert "  key policy               allows  (delegates to account 111122223333)\n" in shown

    def test_a_denied_one_exits_with_1_and_quotes_the_statement(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        name = file(YAML, "case.yaml")
        assert run([name]) == 1
        shown = capsys.readouterr().out
        assert shown.startswith("denied explicitly\n")
        quoted = (
            f"  --> {name}:22:9\n"
            "  22 |       - Sid: Nobody\n"
            "  23 |         Effect: Deny\n"
            "  24 |         Principal: '*'\n"
            "  25 |         Action: kms:PutKeyPolicy\n"
            "  26 |         Resource: '*'\n"
        )
        assert quoted in shown
        assert (
            f"AWS answers: User: {ALICE} is not authorized to perform: kms:PutKeyPolicy on resource: {KEY} "
            "with an explicit deny in a resource-based policy\n"
        ) in shown

    def test_a_statement_in_json_is_quoted_to_its_closing_brace(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        direct = {**KEY_POLICY["Statement"][0], "Principal": {"AWS": ALICE}}  # type: ignore[dict-item]  # a mapping
        case = without("policies") | {"policies": {"resource": {"Version": "2012-10-17", "Statement": [direct]}}}
        assert run([file(json.dumps(case, indent=2))]) == 0
        quoted = capsys.readouterr().out.partition("-->")[2].partition("\n\n")[0].splitlines()
        assert [line.partition("|")[2].strip() for line in quoted[1:]] == [
            "{",
            '"Sid": "Delegate",',
            '"Effect": "Allow",',
            '"Principal": {',
            f'"AWS": "{ALICE}"',
            "},",
            '"Action": "kms:*",',
            '"Resource": "*"',
            "}",
        ]

    def test_a_long_line_is_cut(self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
        assert run([file(json.dumps(CASE))]) == 0
        assert '\n   | …{"Sid": "All"' in capsys.readouterr().out

    def test_an_implicit_deny_shows_what_came_closest_and_what_to_do(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        other = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}]}
        case = CASE | {"policies": {"identity": [other], "resource": KEY_POLICY}}
        assert run([file(json.dumps(case, indent=1))]) == 1
        shown = capsys.readouterr().out
        assert shown.startswith("denied: nothing allows it\n")
        assert "what came closest\n" in shown
        assert "its Action `kms:Encrypt` does not cover `kms:Decrypt`\n" in shown
        assert f"hint: attach an identity-based policy that allows `kms:Decrypt` on `{KEY}`\n" in shown

    def test_an_undecided_answer_says_what_it_hangs_on(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        untold = {"identity": {"unknown": "the identity policies of user/Alice"}, "resource": KEY_POLICY}
        assert run([file(json.dumps(CASE | {"policies": untold}))]) == 1
        shown = capsys.readouterr().out
        assert "it hangs on\n  - the identity policies of user/Alice allowing kms:Decrypt\n" in shown

    def test_a_grant_may_decide(self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
        case = CASE | {"policies": {"resource": KEY_POLICY}, "grants": [{"grantee": ALICE, "operations": ["Decrypt"]}]}
        name = file(json.dumps(case))
        assert run([name]) == 0
        assert f"  by the grant to `{ALICE}`\n" in capsys.readouterr().out
        assert run([name, "--format", "json"]) == 0
        deciding = json.loads(capsys.readouterr().out)["deciding_statement"]
        assert (deciding["policy"], deciding["policy_type"], deciding["line"]) == (f"grant to {ALICE}", "grant", None)

    def test_explain_shows_every_statement(self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
        name = file(json.dumps(CASE, indent=1))
        assert run([name, "--explain"]) == 0
        shown = capsys.readouterr().out
        assert "`Delegate` (Allow) of the key policy: it applies\n" in shown
        assert "  permissions boundary     absent\n" in shown
        assert run([name, "--explain", "--format=json"]) == 0
        explained = json.loads(capsys.readouterr().out)
        assert explained["delegated_by"]["sid"] == "Delegate"
        assert [layer["says"] for layer in explained["layers"]].count("allows") == 2
        assert explained["near_misses"] == []

    def test_explain_lists_near_misses(self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
        deny = {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"}
        policies = {"identity": [ADMINISTRATOR, {"Statement": [deny]}], "resource": KEY_POLICY}
        assert run([file(json.dumps(CASE | {"policies": policies})), "--explain"]) == 0
        assert "what came closest\n" in capsys.readouterr().out

    def test_json_names_the_deciding_statement(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        name = file(YAML, "case.yml")
        assert run([name, "--format", "json"]) == 1
        assert json.loads(capsys.readouterr().out) == {
            "id": None,
            "outcome": "explicit_deny",
            "deciding_statement": {
                "policy": "key policy",
                "policy_type": "key policy",
                "label": "`Nobody`",
                "sid": "Nobody",
                "index": 1,
                "effect": "Deny",
                "file": name,
                "line": 22,
                "column": 9,
            },
            "message": f"User: {ALICE} is not authorized to perform: kms:PutKeyPolicy on resource: {KEY} "
            "with an explicit deny in a resource-based policy",
            "hangs_on": [],
        }

    def test_standard_input_is_read_by_default(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for arguments in ([], ["-"]):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(YAML.encode())))
            assert run(arguments) == 1
            assert "--> <stdin>:22:9" in capsys.readouterr().out

    def test_what_cannot_be_printed_is_escaped(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run([file(json.dumps(CASE | {"resource": "arn:aws:s3:::b/\ud800", "action": "s3:GetObject"}))]) == 0
        assert "arn:aws:s3:::b/\\ud800" in capsys.readouterr().out


class TestSeveralCases:
    def test_a_list_is_answered_item_by_item(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        name = file(json.dumps([CASE, without("id", "policies")], indent=1))
        assert run([name]) == 1
        shown = capsys.readouterr().out
        assert shown.startswith("alice: allowed\n")
        assert "\n\ncase 2: denied: nothing allows it\n" in shown
        assert run([name, "--format", "json"]) == 1
        assert [found["outcome"] for found in json.loads(capsys.readouterr().out)] == ["allowed", "implicit_deny"]

    def test_it_passes_if_all_pass(self, file: Callable[..., str]) -> None:
        assert run([file(json.dumps([CASE, CASE]))]) == 0
        assert run([file("[]")]) == 0

    def test_places_are_those_of_the_item(self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
        text = "".join(f"{'- ' if line.startswith('#') else '  '}{line}\n" for line in YAML.splitlines())
        name = file("- principal" + text.partition("principal")[2], "cases.yaml")
        assert run([name]) == 1
        assert f"--> {name}:21:11" in capsys.readouterr().out


class TestColour:
    def test_a_terminal_sees_the_outcome_in_colour(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        assert run([file(json.dumps(CASE))]) == 0
        assert capsys.readouterr().out.startswith("\x1b[1;32mallowed\x1b[0m\n")


class TestArguments:
    @pytest.mark.parametrize("option", ["-h", "--help"])
    def test_help(self, option: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert run([option]) == 0
        assert capsys.readouterr().out.startswith("usage: sparekey simulate [FILE]")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--verbose"], "`sparekey simulate` has no option `--verbose`"),
            (["--format", "xml"], "there is no format `xml`"),
            (["--format"], "there is no format ``"),
            (["a", "b"], "`sparekey simulate` reads one file, and `b` is the second"),
            (["/nowhere/case.json"], "cannot read `/nowhere/case.json`: no such file or directory"),
            (["--jsonl", "/nowhere/case.json"], "cannot read `/nowhere/case.json`: no such file or directory"),
        ],
    )
    def test_what_cannot_be_done_is_refused(self, arguments: list[str], message: str) -> None:
        with pytest.raises(InputError, match=message):
            run(arguments)

    def test_bad_input_is_one_line_and_exit_2(
        self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        name = file('{"principal": "x"')
        assert main(["simulate", name]) == 2
        assert capsys.readouterr().err == (
            f"{name}:1:18: error: the document ends where `,` or `}}` is expected\n  hint: close it with `}}`\n"
        )


BAD_FILES = [
    ("case.json", b"\xff\xfe", ":1:1: the byte 0xff is not UTF-8 text"),
    ("case.json", b'{"a": 1,\n "a": 2}', ":2:2: the key `a` stands twice in one mapping"),
    ("case.json", b"7", "a case must be a mapping"),
    ("case.json", b'{"a": ' + b"[" * 5000, "nested more than"),
    ("case.json", b'{"a": NaN}', "`NaN` is no JSON number"),
    ("case", b'{"a": 1e999999999999}', "a case has no key `a`"),
    ("case.yaml", b"", ":1:1: the file is empty"),
    ("case.yaml", b"a: [b", "the text is no YAML"),
    ("case.yaml", b"a: \x01", "the text is no YAML"),
    ("case.yaml", b"a: 1\na: 2", ":2:1: the key `a` stands twice in one mapping"),
    ("case.yaml", b"? [a]\n: b", "a key must be a text"),
    ("case.yaml", b"a: *b", "the alias `*b` stands for nothing before it"),
    ("case.yaml", b"a: !Ref b", "a case has no tags such as `!Ref`"),
    ("case.yaml", b"a: !GetAtt [b]", "a case has no tags such as `!GetAtt`"),
    ("case.yaml", b"a: !Odd {b: c}", "a case has no tags such as `!Odd`"),
    ("case.yaml", b"a: 1\n---\nb: 1", ":2:1: the file holds several YAML documents"),
    ("case.yaml", b"a: " + b"[" * 200 + b"]" * 200, "the text nests deeper than 100 levels"),
    (
        "case.yaml",
        b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 10)) for c in b"bcdefgh"),
        "its aliases stand for more values than any case has",
    ),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD_FILES)
def test_what_is_no_case_is_refused_with_its_place(
    file: Callable[..., str], name: str, content: bytes, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        run([file(content, name)])
    assert message in str(caught.value)


def test_an_id_is_answered_as_it_was_given(file: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    for given in (7, -7, 1.5, "7", None):
        assert run([file(json.dumps(CASE | {"id": given})), "--format", "json"]) == 0
        assert json.loads(capsys.readouterr().out)["id"] == given


def test_yaml_takes_for_more_than_text_what_json_does() -> None:
    text = "- [2012-10-17, 012345678901, yes, '1', 1, 1.50, true, null, ~, !!str 5, &a x, *a]"
    data, locate = _yaml_cases.read_yaml(text, "case.yaml")
    assert data == [["2012-10-17", "012345678901", "yes", "1", "1", "1.50", True, None, None, "5", "x", "x"]]
    assert [str(locate(path)) for path in ((0, 1), (0, 99), (0, 11))] == [
        "case.yaml:1:16",
        "case.yaml:1:3",
        "case.yaml:1:73",
    ]


class TestStream:
    def answers(
        self, text: str | bytes, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *options: str
    ) -> tuple[int, list[Answer]]:
        """Run the stream on standard input; the exit status and the answers."""
        data = text if isinstance(text, bytes) else text.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        status = run(["--jsonl", *options])
        return status, [cast("Answer", json.loads(line)) for line in capsys.readouterr().out.splitlines()]

    def test_each_line_is_answered_by_one(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = [CASE, CASE | {"id": 2, "policies": {"resource": KEY_POLICY}}, without("policies")]
        status, found = self.answers("\n".join(map(json.dumps, lines)), capsys, monkeypatch)
        assert (status, [answer["outcome"] for answer in found]) == (0, ["allowed", "implicit_deny", "implicit_deny"])
        assert [answer["id"] for answer in found] == ["alice", 2, "alice"]
        assert found[1]["message"] == (
            f"User: {ALICE} is not authorized to perform: kms:Decrypt on resource: {KEY} "
            "because no identity-based policy allows the kms:Decrypt action"
        )

    def test_shared_policies_keep_the_places_of_their_own_line(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = [json.dumps(CASE), json.dumps({"id": "a longer id", **without("id")}), "  " + json.dumps(CASE)]
        _, found = self.answers("\n".join(lines), capsys, monkeypatch)
        for number, (line, answer) in enumerate(zip(lines, found, strict=True), 1):
            deciding = cast("Answer", answer["deciding_statement"])
            assert (deciding["file"], deciding["line"]) == ("<stdin>", number)
            assert line[cast("int", deciding["column"]) - 1 :].startswith('{"Sid": "All"')

    def test_a_bad_line_is_an_error_and_the_stream_goes_on(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lines = [
            json.dumps(CASE).encode(),
            b'{"id": "broken", "principal": ',
            b"",
            json.dumps(CASE | {"polices": {}}).encode(),
            b'{"id": 1, "id": 2}',
            b"[]",
            b"\xff",
            json.dumps(CASE | {"policies": {"resource": {"Statement": [{}]}}}).encode(),
            json.dumps(without("action")).encode(),
            b'{"id": 5} trailing',
            json.dumps(CASE).encode(),
        ]
        status, found = self.answers(b"\n".join(lines) + b"\n", capsys, monkeypatch)
        assert status == 2
        assert [answer.get("outcome") for answer in found] == ["allowed", *([None] * 8), "allowed"]
        errors = [(answer["line"], answer["error"]) for answer in found if "error" in answer]
        assert errors == [
            (2, "the document ends where a value is expected"),
            (4, "a case has no key `polices`"),
            (5, "the key `id` stands twice in one mapping"),
            (6, "a case must be a mapping"),
            (7, "the byte 0xff is not UTF-8 text"),
            (8, "key policy: statement 1 has no Effect"),
            (9, "the case has no `action`"),
            (10, "something follows the end of the document"),
        ]
        assert [answer.get("column") for answer in found][1:5] == [31, len(lines[3]) - 2, 11, 1]
        assert [answer.get("id") for answer in found if "error" in answer] == [
            None,
            "alice",
            *([None] * 3),
            *["alice"] * 2,
            None,
        ]

    def test_unusual_lines_are_read_in_full(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        unusual = json.dumps(CASE).replace('"policies"', '"p\\u006flicies"')
        _, found = self.answers(f"{unusual}\n\ufeff{unusual}", capsys, monkeypatch)
        assert found[0]["outcome"] == "allowed"
        assert found[1]["error"] == "the document begins with a byte order mark"

    def test_one_text_of_policies_serves_several_kinds_of_requests(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bucket = CASE | {"action": "s3:GetObject", "resource": "arn:aws:s3:::b/o", "grants": []}
        cases = [CASE, bucket, CASE | {"principal": {"arn": ALICE, "role_arn": {"unknown": "x"}}}, CASE]
        _, found = self.answers("\n".join(map(json.dumps, cases)), capsys, monkeypatch)
        assert [answer["outcome"] for answer in found] == ["allowed"] * 4

    def test_grants_are_part_of_what_lines_share(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        grants = [{"grantee": ALICE, "operations": ["Decrypt"]}]
        granted = CASE | {"policies": {"resource": KEY_POLICY}, "grants": grants}
        cases = [granted, granted, granted | {"grants": []}, granted | {"grants": [{"grantee": ALICE}]}]
        status, found = self.answers("\n".join(map(json.dumps, cases)), capsys, monkeypatch)
        assert [answer.get("outcome") for answer in found] == ["allowed", "allowed", "implicit_deny", None]
        assert (status, found[3]["error"]) == (2, "the grant has no `operations`")
        assert json.dumps(cases[3])[cast("int", found[3]["column"]) - 1 :].startswith('{"grantee"')

    def test_the_memory_for_policies_is_bounded(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_stream, "_REMEMBERED", 2)
        lines = (
            CASE | {"policies": {"identity": [{**ADMINISTRATOR, "Id": f"p{number}"}], "resource": KEY_POLICY}}
            for number in range(5)
        )
        status, found = self.answers("\n".join(map(json.dumps, lines)), capsys, monkeypatch)
        assert (status, {answer["outcome"] for answer in found}) == (0, {"allowed"})

    def test_explain_adds_layers_and_near_misses(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, found = self.answers(json.dumps(CASE), capsys, monkeypatch, "--explain")
        assert {"layers", "near_misses", "delegated_by"} <= found[0].keys()

    def test_a_file_is_read_as_a_stream_too(self, file: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["--jsonl", file(json.dumps(CASE) + "\r\n" + json.dumps(CASE), "cases.jsonl")]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 2

    def test_a_line_that_is_too_long_is_passed_over(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_stream, "LONGEST", 2000)
        monkeypatch.setattr(_stream, "_CHUNK", 512)
        short = json.dumps(CASE)
        status, found = self.answers(f"{short}\n{' ' * 5000}\n{short}\n{' ' * 3000}", capsys, monkeypatch)
        assert status == 2
        assert [answer.get("outcome") for answer in found] == ["allowed", None, "allowed", None]
        assert (found[1]["line"], found[3]["line"]) == (2, 4)
        assert str(found[1]["error"]).startswith("the line holds more than")
