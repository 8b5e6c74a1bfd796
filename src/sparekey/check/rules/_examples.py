"""Puts the examples of rules together: complete templates from the part that matters."""

from __future__ import annotations

#: The statement most keys want: the account's administrators manage the key through IAM policies.
ROOT_STATEMENT = """\
- Sid: Enable IAM policies
  Effect: Allow
  Principal:
    AWS: !Sub arn:${AWS::Partition}:iam::${AWS::AccountId}:root
  Action: kms:*
  Resource: "*"
"""


def key_template(statements: str = ROOT_STATEMENT, *, properties: str = "", resources: str = "", top: str = "") -> str:
    """Write a template with one key.

    ``statements`` is the list of its key policy, ``properties`` are further properties of the key, ``resources``
    further resources, ``top`` further sections above the resources. All are YAML without indentation.
    """
    return (
        f"{top}Resources:\n"
        f"  OrdersKey:\n    Type: AWS::KMS::Key\n    Properties:\n{_indent(properties, 6)}"
        f'      KeyPolicy:\n        Version: "2012-10-17"\n        Statement:\n{_indent(statements, 10)}'
        f"{_indent(resources, 2)}"
    )


def _indent(text: str, width: int) -> str:
    return "".join(f"{' ' * width}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


def shortened(template: str) -> str:
    """An example whose point is its length, with its middle left out."""
    lines = template.rstrip("\n").split("\n")
    if len(lines) <= 80:
        return template
    return "\n".join([*lines[:30], f"    … ({len(lines) - 40} more lines)", *lines[-10:]]) + "\n"
