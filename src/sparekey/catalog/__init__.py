"""What AWS documents about KMS actions, as data with provenance."""
