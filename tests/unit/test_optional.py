"""What to do where a package is missing, as it is done where the learner is."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from attnkit import data, optional
from attnkit.optional import INSTALL_PEOPLE, how_to_get


def test_a_notebook_installs_for_its_own_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Protects who has several Pythons: `pip` in a terminal may be any one's."""
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert how_to_get("pip install x==1", "2 MB") == (
        "run `%pip install x==1` in a new cell (2 MB), restart the kernel and come back to this "
        "cell"
    )


@pytest.mark.parametrize(
    ("prefix", "python"), [("/a/.venv", ".venv/bin/python"), ("/usr", "python")]
)
def test_a_terminal_uses_the_courses_python(
    prefix: str, python: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(optional, "in_notebook", lambda: False)
    monkeypatch.setattr(sys, "prefix", prefix)
    said = how_to_get(INSTALL_PEOPLE, then="then come back to this").replace("\\", "/")
    assert said.replace("Scripts", "bin") == (
        f"run `{python} -m {INSTALL_PEOPLE}`, then come back to this"
    )


def test_in_the_browser_nothing_is_recommended_that_can_t_be_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "emscripten")
    assert how_to_get(INSTALL_PEOPLE, "12 MB") == optional.NOTHING_HERE
    with pytest.raises(data.DataError, match=r"is not installed: in the browser edition nothing"):
        data._bundled_csv("no-such-reviews")
