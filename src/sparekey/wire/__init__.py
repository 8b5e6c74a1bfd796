"""Bytes to calls and back, by botocore's service models; no sockets. The only package that imports botocore."""
