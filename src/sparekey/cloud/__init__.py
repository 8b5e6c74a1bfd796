"""An AWS as a value: every call goes through :meth:`Cloud.invoke`, the one door."""
