"""The grammar of policy documents as AWS checks them when they are given, with AWS's own sentences.

- ``texts``: reading a document's text, and the error of all checks
- ``identity``: IAM's check of identity-based policies
- ``strict``: the stricter check of trust policies (IAM) and session policies (STS), which names the field that is wrong

Each service turns a refusal into an error of its own. Whether a document is a policy at all, the engine decides
(:func:`sparekey.policy.parse_policy`); here is what AWS says of those that are none, and what it refuses besides.
"""
