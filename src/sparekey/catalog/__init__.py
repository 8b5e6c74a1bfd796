"""What AWS documents about actions and managed policies, as data with provenance: see ``README.md`` here."""
