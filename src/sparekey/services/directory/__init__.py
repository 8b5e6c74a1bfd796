"""Who and what is in an account: the records of identities, policies, sessions and the organization.

Every service may look here (IAM writes it, STS and the door read it); the directory itself knows no service.
"""
