from sparekey.catalog._kms import ACCOUNT_ACTIONS, CROSS_ACCOUNT_ACTIONS, IAM_ONLY_ACTIONS, KMS_ACTIONS


def test_every_action_is_listed_once() -> None:
    names = [*CROSS_ACCOUNT_ACTIONS, *ACCOUNT_ACTIONS, *IAM_ONLY_ACTIONS]
    assert len(names) == len(set(names)) == len(KMS_ACTIONS) == 58


def test_an_action_is_found_without_regard_to_case() -> None:
    assert KMS_ACTIONS["kms:putkeypolicy"] == "kms:PutKeyPolicy"


def test_the_key_policy_is_never_changed_from_another_account() -> None:
    assert "PutKeyPolicy" in ACCOUNT_ACTIONS
    assert "PutKeyPolicy" not in CROSS_ACCOUNT_ACTIONS
