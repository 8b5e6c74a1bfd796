"""The endpoint: HTTP around the cloud."""
