"""sparekey keeps people from being locked out of their encryption keys.

The map of this package, from the top down (imports point down this list only):

- ``cli``: the command line, one file per command
- ``check``: predicts what KMS answers to a template, and repairs it
- ``snapshot``: real accounts, read from ``aws iam get-account-authorization-details`` and policy files
- ``policy``: the AWS policy engine; ``template``: CloudFormation templates (siblings, each alone)
- ``catalog``: what AWS documents about actions, condition keys and Regions, as data
- ``arn``, ``errors``, ``source``, ``unknown``: leaves
"""

__version__ = "0.1.0"
