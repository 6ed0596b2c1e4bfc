import pytest

from tests.building import toy_course


@pytest.fixture
def root(tmp_path):
    """The miniature course of two chapters, never built."""
    toy_course.make(tmp_path)
    return tmp_path
