"""The AWS policy engine: the standard library only, no clock, no files, no SDK.

Parse documents with :func:`parse_policy`, put them into a :class:`PolicySet`, and ask :func:`authorize`.
"""
