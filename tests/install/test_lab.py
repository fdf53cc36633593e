"""`attn lab`: what it hands to JupyterLab, and that JupyterLab serves the start page with it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import lab
from autograder.errors import AttnError


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("solutions", "lessons"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("ATTN_ROOT", str(tmp_path))
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as other:
        other.bind(("localhost", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_without_lessons_it_says_what_to_do(course: Path) -> None:
    with pytest.raises(AttnError, match=r"no 00_start_here\.ipynb in .*; run `attn build`"):
        lab.open_lab([])


@pytest.mark.parametrize("form", ["--port={}", "--ServerApp.port={}", "--port {}"])
def test_a_port_that_is_taken(course: Path, taken: int, form: str) -> None:
    (course / "lessons" / "00_start_here.ipynb").write_text("{}")
    with pytest.raises(AttnError, match=f"Port {taken} is taken; choose another"):
        lab.open_lab(form.format(taken).split())


@pytest.mark.parametrize(
    ("args", "port"),
    [
        ([], None),
        (["--no-browser", "--port", "8899"], 8899),
        (["--port=1", "--port=2"], 2),
        (["--port"], None),
        (["--port", "x"], None),
        (["--port=0"], None),
    ],
)
def test_the_port_asked_for(args: list[str], port: int | None) -> None:
    assert lab.asked_port(args) == port


def test_a_port_that_cannot_be(course: Path) -> None:
    with pytest.raises(AttnError, match="Port 70000 does not exist"):
        lab.check_port(["--port", "70000"])


def test_a_learners_own_configuration_folder_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/their/own")
    lab.add_configuration(tmp_path)
    paths = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert paths == ["/their/own", str(tmp_path)]
    page = json.loads((tmp_path / "labconfig" / "page_config.json").read_text())
    assert page["disabledExtensions"] == {"@jupyter/nbgrader": True}


@pytest.mark.slow
@pytest.mark.exhaustive  # browser/test_course.py: the start page is calm; other systems run it
@pytest.mark.skipif(os.name == "nt", reason="ends JupyterLab with a signal")
def test_jupyterlab_serves_the_course_calmly(tmp_path: Path) -> None:
    code = "import sys; from autograder.lab import open_lab; sys.exit(open_lab(sys.argv[1:]))"
    server = subprocess.Popen(
        [sys.executable, "-c", code, "--no-browser"],
        env={**os.environ, "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        first = server.stdout.readline()
        match = re.fullmatch(r"The course is open at (http\S+)\n", first)
        assert match, first
        assert "/lab/tree/00_start_here.ipynb?token=" in match[1]
        with urllib.request.urlopen(match[1], timeout=300) as answer:
            page = answer.read().decode()
        settings = json.loads(
            page.partition('id="jupyter-config-data"')[2]
            .partition(">")[2]
            .partition("</script>")[0]
        )
        assert settings["news"] == {"disabled": True}
        assert "@jupyter/nbgrader" in settings["disabledExtensions"]
        base, _, token = match[1].partition("lab/tree/00_start_here.ipynb?token=")
        url = f"{base}api/contents/00_start_here.ipynb?token={token}"
        with urllib.request.urlopen(url, timeout=300) as answer:
            assert json.load(answer)["type"] == "notebook"
    finally:
        server.send_signal(signal.SIGTERM)
        _, noise = server.communicate(timeout=300)
    assert [line for line in noise.splitlines() if line and "received signal" not in line] == []
