"""The class that hostile uploads are collected into is the one of the tests of collecting."""

from tests.collecting.conftest import class_, made_once

__all__ = ["class_", "made_once"]
