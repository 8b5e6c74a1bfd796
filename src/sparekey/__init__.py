"""sparekey is an AWS account as a value: it predicts what AWS answers, repairs what locks you out, and serves clients.

The map of this package, from the top down (imports point down this list only):

- ``cli``: the command line, one file per command
- ``server``: an account over HTTP. ``application`` (ASGI) → ``gateway`` (one request, one answer) → ``cloud``
- ``check``: predicts what KMS answers to a template, and repairs it
- ``cloud``: accounts as a value, behind one door: :meth:`~sparekey.cloud.Cloud.invoke` authorizes every call, runs it
  and records it
- ``snapshot``: real accounts, read from ``aws iam get-account-authorization-details`` and policy files
- ``services``: IAM, STS, Organizations and CloudTrail as operations over records, and the directory they share
- ``policy``: the AWS policy engine; ``template``: CloudFormation templates; ``storage``: records in memory, SQLite and
  PostgreSQL; ``wire``: bytes to calls and back, by AWS's service models (siblings, each alone)
- ``catalog``: what AWS documents about actions, condition keys and Regions, as data
- ``arn``, ``clock``, ``errors``, ``source``, ``unknown``: leaves
"""

__version__ = "0.1.0"
