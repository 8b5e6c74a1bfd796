"""AWS services as state machines over records; a service imports no other service."""
