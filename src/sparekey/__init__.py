"""May this principal do that, and which statement decides? Asked of templates, and of every call of a running account.

The map of this package, from the top down (imports point down this list only):

- ``cli``: the command line, one file per command
- ``server``: the endpoint: HTTP, signatures and settings around the cloud
- ``check``: predicts what KMS answers to a template, and repairs it; ``cloud``: the one door of every call
- ``snapshot``: real accounts, read from ``aws iam get-account-authorization-details`` and policy files
- ``services``: the operations of IAM, STS, Organizations and CloudTrail, and the directory of who is in an account
- ``policy``: the AWS policy engine; ``template``: CloudFormation templates; ``storage``: records in memory, SQLite and
  PostgreSQL; ``wire``: bytes to calls and back (siblings, each alone)
- ``catalog``: what AWS documents about actions, condition keys, Regions and managed policies, as data
- ``arn``, ``clock``, ``errors``, ``source``, ``unknown``: leaves
"""

__version__ = "0.1.0"
