from __future__ import annotations

import pytest

from sparekey.policy._principal import principal_from_arn, read_principal_arn
from sparekey.policy._request import PrincipalKind
from sparekey.unknown import Unknown

ACCOUNT = "111111111111"


def test_the_root_user() -> None:
    principal = principal_from_arn("arn:aws:iam::111111111111:root")
    assert principal.kind is PrincipalKind.ROOT_USER
    assert (principal.account, principal.has_boundary, principal.role_arn) == (ACCOUNT, False, None)


@pytest.mark.parametrize("name", ["Alice", "team/a/Alice", "alice@example.com"])
def test_a_user(name: str) -> None:
    principal = principal_from_arn(f"arn:aws:iam::111111111111:user/{name}")
    assert (principal.kind, principal.account, principal.has_boundary) == (PrincipalKind.IAM_USER, ACCOUNT, None)


def test_a_role_stands_for_a_session_without_a_known_name() -> None:
    arn = "arn:aws-us-gov:iam::111111111111:role/team/Admin"
    principal = principal_from_arn(arn)
    assert principal.kind is PrincipalKind.ROLE_SESSION
    assert (principal.arn, principal.role_arn, principal.account) == (arn, arn, ACCOUNT)


def test_a_session_does_not_tell_its_roles_path() -> None:
    principal = principal_from_arn("arn:aws-cn:sts::111111111111:assumed-role/Admin/ci")
    assert principal.kind is PrincipalKind.ROLE_SESSION
    role = principal.role_arn
    assert isinstance(role, Unknown)
    assert role.pieces == ("arn:aws-cn:iam::111111111111:role/", None, "Admin")
    assert role.hangs_on == ("the path of role `Admin`",)


def test_the_path_of_an_sso_role_is_known_up_to_the_region() -> None:
    principal = principal_from_arn("arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/a@b.c")
    assert isinstance(principal.role_arn, Unknown)
    assert principal.role_arn.pieces[0] == "arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/"


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling",
        "arn:aws:iam::111111111111:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
    ],
)
def test_a_service_linked_role_is_told_by_its_name(arn: str) -> None:
    principal = principal_from_arn(arn)
    assert principal.kind is PrincipalKind.SERVICE_LINKED_ROLE
    role = principal.role_arn
    begins = role.pieces[0] if isinstance(role, Unknown) else role
    assert (begins or "").startswith("arn:aws:iam::111111111111:role/aws-service-role/")


def test_a_role_of_that_name_elsewhere_is_an_ordinary_role() -> None:
    principal = principal_from_arn("arn:aws:iam::111111111111:role/AWSServiceRoleForNothing")
    assert principal.kind is PrincipalKind.ROLE_SESSION


def test_a_federated_user_does_not_tell_who_is_behind_it() -> None:
    principal = principal_from_arn("arn:aws:sts::111111111111:federated-user/Bob")
    assert principal.kind is PrincipalKind.FEDERATED_USER
    assert isinstance(principal.user_arn, Unknown)
    assert principal.user_arn.pieces == ("arn:aws:iam::111111111111:", None)


@pytest.mark.parametrize(
    "name", ["kms.amazonaws.com", "logs.cn-north-1.amazonaws.com.cn", "delivery.logs.amazonaws.com"]
)
def test_a_service(name: str) -> None:
    principal = principal_from_arn(name)
    assert (principal.kind, principal.arn, principal.account) == (PrincipalKind.AWS_SERVICE, name, "")
    assert principal.has_boundary is False


@pytest.mark.parametrize("text", ["", "*"])
def test_nobody_in_particular_is_anonymous(text: str) -> None:
    principal = principal_from_arn(text)
    assert (principal.kind, principal.arn) == (PrincipalKind.ANONYMOUS, "")
    assert principal.has_boundary is False


@pytest.mark.parametrize(
    "partition", ["aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"]
)
def test_every_partition_is_known(partition: str) -> None:
    assert read_principal_arn(f"arn:{partition}:iam::111111111111:root").partition == partition


def test_a_path_and_a_name_are_told_apart() -> None:
    arn = read_principal_arn("arn:aws:iam::111111111111:role/a/b/c")
    assert (arn.kind, arn.path, arn.name) == ("role", "/a/b/", "c")
    assert read_principal_arn("arn:aws:iam::111111111111:role/c").path == "/"
    session = read_principal_arn("arn:aws:sts::111111111111:assumed-role/c/s")
    assert (session.name, session.session) == ("c", "s")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("111111111111", "is an account, not an identity: give `arn:aws:iam::111111111111:root`"),
        ("AKIAIOSFODNN7EXAMPLE", "is an access key id"),
        ("ASIAIOSFODNN7EXAMPLE", "is an access key id"),
        ("AROAEXAMPLEEXAMPLE123", "is a unique id"),
        ("AROAEXAMPLEEXAMPLE123:session", "is a unique id"),
        ("Alice", "is not an ARN: identities look like"),
        ("arn:aws:iam:111111111111:root", "the Region is empty: `arn:aws:iam::111111111111:root`"),
        ("arn:aws:sts:111111111111:assumed-role/R/S", "`arn:aws:sts::111111111111:assumed-role/R/S`"),
        ("arn:aws::111111111111:root", "needs six (is the service, `iam`, missing?)"),
        ("arn:aws:111111111111::root", "needs six (is the service, `iam`, missing?)"),
        ("arn:aws:iam", "it has 3 segments, and needs six"),
        ("arn:amazon:iam::111111111111:root", "names the partition `amazon`, which does not exist"),
        ("arn:aws:s3:::bucket", "is an ARN of `s3`, not of an identity"),
        ("arn:aws:iam:eu-west-1:111111111111:root", "names the Region `eu-west-1`"),
        ("arn:aws:iam::1111:root", "needs a 12-digit account id in place of `1111`"),
        ("arn:aws:iam::${AWS::AccountId}:root", "holds a `${…}` that nothing fills in"),
        ("arn:aws:iam::111111111111:role/*", "has a wildcard"),
        ("arn:aws:iam::111111111111:user/Al?ce", "has a wildcard"),
        ("arn:aws:iam::111111111111:group/Admins", "names a user group, which is never a principal"),
        ("arn:aws:iam::111111111111:instance-profile/x", "names an instance profile, not its role"),
        ("arn:aws:iam::111111111111:policy/x", "names a policy"),
        ("arn:aws:iam::111111111111:saml-provider/x", "names a SAML identity provider"),
        ("arn:aws:iam::111111111111:Root", "names no identity of `iam`"),
        ("arn:aws:iam::111111111111:role/", "does not end in the name of a role"),
        ("arn:aws:iam::111111111111:role/a b", "does not end in the name of a role"),
        ("arn:aws:iam::111111111111:role/a:b", "does not end in the name of a role"),
        ("arn:aws:iam::111111111111:assumed-role/R/S", "sessions are of the service `sts`"),
        ("arn:aws:sts::111111111111:role/R", "names no identity: users, roles and root are of the service `iam`"),
        ("arn:aws:sts::111111111111:user/U", "names no identity: users, roles and root are of the service `iam`"),
        ("arn:aws:sts::111111111111:root", "names no identity: users, roles and root are of the service `iam`"),
        ("arn:aws:sts::111111111111:assumed-role/team/R/S", "holds a role path"),
        ("arn:aws:sts::111111111111:assumed-role/R", "needs the form `assumed-role/ROLE/SESSION`"),
        ("arn:aws:sts::111111111111:federated-user/", "names no identity: sessions are of the service `sts`"),
        ("arn:aws:iam::111111111111:user/\u0410lice", "does not end in the name of a user"),
        ("arn:aws:iam::111111111111:user/\n" + "x" * 200, "does not end in the name of a user"),
    ],
)
def test_what_is_no_principal_is_told_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=r"^`[^\n]*$") as error:
        principal_from_arn(text)
    assert says in str(error.value)
