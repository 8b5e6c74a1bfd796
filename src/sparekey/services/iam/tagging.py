"""Sets of tags, as IAM keeps them.

Keys of users' and roles' tags are the same in whatever letter case; those of all other entities differ by it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules_creating
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sparekey.services.iam.errors import InvalidInputException, LimitExceededException
from sparekey.services.iam.paging import listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sparekey.services.operation import Output, Tags

#: How many tags an entity may have.
MOST: Final = 50


def tagged(present: Mapping[str, str], tags: Tags | None, *, any_case: bool = False) -> Mapping[str, str]:
    """The tags of an entity once those of a request are put over them; a key that is there takes the new spelling.

    Raises:
        InvalidInputException: a key stands twice in the request, or is one of AWS's own.
        LimitExceededException: there are too many.
    """
    if not tags:
        return present
    keys = [tag["Key"] for tag in tags]
    if len({key.lower() if any_case else key for key in keys}) != len(keys):
        raise InvalidInputException("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise InvalidInputException("Tag keys beginning with aws: are reserved for system use.")
    replaced = [] if not any_case else [key for key in keys if key not in present]
    merged = {**untagged(present, replaced, any_case=any_case), **{tag["Key"]: tag["Value"] for tag in tags}}
    if len(merged) > MOST:
        raise LimitExceededException("The number of tags has reached the maximum limit.")
    return merged


def retagged(present: Mapping[str, str], tags: Tags, *, any_case: bool = False) -> Mapping[str, str]:
    """The tags of an entity once a request has tagged it, which must bring tags (recorded; the sentence is ours).

    Raises:
        InvalidInputException: there are none, a key stands twice in the request, or is one of AWS's own.
        LimitExceededException: there are too many.
    """
    if not tags:
        raise InvalidInputException("The request must include at least one tag.")
    return tagged(present, tags, any_case=any_case)


def untagged(present: Mapping[str, str], tag_keys: Sequence[str], *, any_case: bool = False) -> Mapping[str, str]:
    """The tags of an entity without those of the given keys; keys that are not there do not matter."""
    if any_case:
        gone = {key.lower() for key in tag_keys}
        return {key: value for key, value in present.items() if key.lower() not in gone}
    return {key: value for key, value in present.items() if key not in set(tag_keys)}


def tag_list(tags: Mapping[str, str]) -> list[Mapping[str, str]]:
    """Tags as responses list them, by key."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def tag_member(tags: Mapping[str, str]) -> dict[str, object]:
    """The member ``Tags`` of an entity, which is left out where there are none."""
    return {"Tags": tag_list(tags)} if tags else {}


def listed_tags(tags: Mapping[str, str], marker: str | None, max_items: int | None) -> Output:
    """A page of an entity's tags, by key."""
    found = listed(sorted(tags), str, marker=marker, max_items=max_items)
    return {"Tags": tag_list({key: tags[key] for key in found.items}), **found.members}
