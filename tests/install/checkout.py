"""A small checkout that the real Makefile and installer install for real, in seconds, offline.

Its lock names one package, `tinything`, whose wheel lies in a folder; its build backend is a file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from autograder import install

BACKEND = """
import pathlib, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "kit-1-py3-none-any.whl"
    info = "kit-1.dist-info/"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        wheel.writestr("kit.pth", str(pathlib.Path.cwd()))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: kit\\nVersion: 1\\n")
        tags = "Root-Is-Purelib: true\\nTag: py3-none-any\\n"
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\n" + tags)
        wheel.writestr(info + "entry_points.txt", "[console_scripts]\\nkit=kit_cli:main\\n")
        wheel.writestr(info + "RECORD", "")
    return name
"""

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "kit"
version = "1"
[tool.ruff]
line-length = 100
"""


def make_checkout(folder: Path, lock: str = "tinything==1.0\n") -> Path:
    """Lay out a checkout in `folder`."""
    (folder / "autograder").mkdir(parents=True)
    (folder / ".lock").mkdir()
    (folder / "lessons").mkdir()
    shutil.copy(install.__file__, folder / "autograder" / "install.py")
    shutil.copy(Path(install.ROOT, "Makefile"), folder / "Makefile")
    (folder / "pyproject.toml").write_text(PYPROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "kit_cli.py").write_text("def main():\n    print(__file__)\n")
    (folder / ".lock" / "requirements.txt").write_text(lock)
    wheels = folder / "wheels"
    wheels.mkdir()
    info = "tinything-1.0.dist-info/"
    with zipfile.ZipFile(wheels / "tinything-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tinything.py", "answer = 42\n")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: tinything\nVersion: 1.0\n")
        wheel.writestr(
            info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(
            info + "RECORD",
            f"tinything.py,,\n{info}METADATA,,\n{info}WHEEL,,\n{info}RECORD,,\n",
        )
    return folder


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment in which pip knows the checkout's wheels and nothing else."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PIP_", "VIRTUAL_ENV", "MAKE", "ATTN"))
        and not name.lower().endswith("_proxy")
        and name not in ("PYTHON", "GPU", "ARGS", "MFLAGS")
    }
    pip = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": (folder / "wheels").as_uri(),
    }
    return {**kept, **pip, "PYTHON": sys.executable, **more}


def make(
    folder: Path, *goals: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run make there, as a person would."""
    return subprocess.run(
        ["make", *goals],
        cwd=folder,
        env=environment(folder) if env is None else env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
    )


def answer(folder: Path) -> str:
    """What the installed package says, through the environment's Python."""
    return subprocess.run(
        [folder / ".venv" / "bin" / "python", "-c", "import tinything; print(tinything.answer)"],
        capture_output=True,
        text=True,
    ).stdout.strip()
