"""Generated examples are the same in every run, and none has a deadline: a slow machine fails no test."""

from hypothesis import settings

settings.register_profile("sparekey", deadline=None, derandomize=True, database=None)
settings.load_profile("sparekey")
