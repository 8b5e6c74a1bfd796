"""AWS CloudTrail, as far as it looks up events in the decision record."""
