"""`attn doctor`: what of this machine works. Each thing is tried, not inferred.

`examine()` gives the findings as data; `show()` makes a table of them. A trial that breaks is a
finding too, so that a damaged installation is still told about.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from attnkit.optional import INSTALL_MINILM, MINILM, NotInstalledError, as_typed
from attnkit.optional import missing as not_installed

from autograder.log import logger
from autograder.output import json_for_stdout
from autograder.text import first_line, listed

log = logger(__name__)
ROOT = Path(__file__).parents[1]

State = Literal["ok", "note", "fail"]


@dataclass(frozen=True)
class Finding:
    """What came of trying one thing."""

    name: str
    state: State
    says: str
    remedy: str = ""  # what to do, if something is to be done
    necessary: bool = False  # does the course need it?
    seconds: float = 0.0
    details: dict[str, Any] = field(default_factory=dict)


Trial = Callable[[], Finding]


def run(json: bool = False) -> int:
    """Examine this machine and show what was found. Exit code 0 if all that's necessary holds."""
    findings = []
    if json:
        findings = list(examine_each())
        print(as_json(findings))
    else:
        from rich.console import Console

        console = Console()
        with console.status("Trying things ...") as status:
            for finding in examine_each(
                lambda name: status.update(f"Trying: {name} (up to half a minute in all) ...")
            ):
                findings.append(finding)
        show(findings, console)
    return 0 if is_well(findings) else 1


def examine() -> list[Finding]:
    """Try everything. Takes ten to thirty seconds, most of it for importing TensorFlow."""
    return list(examine_each())


def examine_each(before: Callable[[str], object] = lambda name: None) -> Iterator[Finding]:
    """Try one thing after the other; `before` hears each one's name first."""
    for name, (trial, necessary) in TRIALS.items():
        before(name)
        started = time.monotonic()
        try:
            finding = trial()
        except Exception as error:  # whatever it is, the others are still worth trying
            log.error("The trial of %s failed.", name, exc_info=error)
            finding = failed(f"{type(error).__name__}: {first_line(error)}", REINSTALL)
        seconds = round(time.monotonic() - started, 2)
        yield dataclasses.replace(finding, name=name, necessary=necessary, seconds=seconds)
        yield from protections(finding)


def is_well(findings: list[Finding]) -> bool:
    """Does all that the course needs work?"""
    return not any(finding.necessary and finding.state == "fail" for finding in findings)


def as_json(findings: list[Finding]) -> str:
    """The findings for a program."""
    data = {
        "well": is_well(findings),
        "findings": [dataclasses.asdict(finding) for finding in findings],
    }
    return json_for_stdout(data)


def show(findings: list[Finding], console: Any) -> None:
    """The findings for a person, on a rich console."""
    from rich.markup import escape
    from rich.table import Table

    marks = {"ok": "[green]✓[/]", "note": "[yellow]·[/]", "fail": "[red]✗[/]"}
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for finding in findings:
        text = escape(finding.says)
        if finding.remedy:
            text += f"\n[yellow]→ {escape(finding.remedy)}[/]"
        table.add_row(marks[finding.state], escape(finding.name), text)
    console.print(table)
    console.print()
    if is_well(findings):
        console.print("[green]All that the course needs works here.[/]")
    else:
        broken = [f.name for f in findings if f.necessary and f.state == "fail"]
        console.print(f"[red]The course needs these to work: {', '.join(broken)}.[/]")


def failed(says: str, remedy: str = "", **details: Any) -> Finding:
    return Finding("", "fail", says, remedy, details=details)


def noted(says: str, remedy: str = "", **details: Any) -> Finding:
    return Finding("", "note", says, remedy, details=details)


def fine(says: str, **details: Any) -> Finding:
    return Finding("", "ok", says, details=details)


# -- the trials ------------------------------------------------------------------------------------

PYTHON = (sys.executable, "-P", "-c")  # whatever lies in the folder that this is started in
REINSTALL = "delete the folder .venv and run `make install`."


def try_python() -> Finding:
    """A version with TensorFlow wheels, in an environment of its own?"""
    from autograder.install import SUPPORTED

    version = platform.python_version()
    says = f"Python {version} on {platform.system()} {platform.machine()}, in {sys.prefix}"
    details = {"version": version, "executable": sys.executable, "platform": platform.platform()}
    if sys.version_info[:2] not in SUPPORTED:
        return failed(says, "the course needs Python 3.11, 3.12 or 3.13.", **details)
    if sys.prefix == sys.base_prefix and "CONDA_PREFIX" not in os.environ:
        return noted(says, "this is not an environment of its own: `make install` makes one.")
    return fine(says, **details)


def try_packages() -> Finding:
    """The versions that are here against those of the lock."""
    wanted = locked_versions()
    if not wanted:
        return noted("there is no lock to compare the installed versions with.")
    missing, other = [], []
    for name, version in wanted.items():
        try:
            here = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if name not in MINILM:  # a trial of its own tells of these
                missing.append(name)
            continue
        if here != version:
            other.append(f"{name} {here} (locked: {version})")
    details = {"missing": missing, "other": other, "locked": len(wanted)}
    if missing:
        return failed(f"missing: {listed(missing, 3)}", "run `make install`.", **details)
    if other:
        return noted(
            f"not the locked version: {listed(other, 3)}", "run `make install`.", **details
        )
    return fine(f"all {len(wanted)} at their locked versions", **details)


def locked_versions() -> dict[str, str]:
    """Name -> version of each package that the lock wants on this system; {} without a lock."""
    from packaging.requirements import Requirement

    lock = ROOT / ".lock" / "requirements.txt"
    if not lock.is_file():
        return {}
    wanted = {}
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-", " ")):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate():
                wanted[requirement.name] = next(iter(requirement.specifier)).version
    return wanted


def try_pythonpath() -> Finding:
    """Does PYTHONPATH lead to packages in place of the course's own?"""
    from autograder.own_packages import hidden_by_others

    hidden = hidden_by_others()
    if not hidden:
        return fine("PYTHONPATH hides none of the course's packages")
    told = "; ".join(f"{listed(names, 3)} in {place}" for place, names in hidden.items())
    return noted(
        f"PYTHONPATH leads to other packages than the course's: {told}",
        "`attn` does without them; for Python and notebooks that are started otherwise, unset "
        "PYTHONPATH.",
        hidden=hidden,
    )


IMPORTS = (
    *("numpy", "scipy", "pandas", "sklearn", "matplotlib", "ipywidgets", "jupyterlab"),
    *("nbclient", "nbgrader", "attnkit"),
)


def try_imports() -> Finding:
    """Import what lessons and grading use, in a process of its own."""
    code = (
        "import importlib, json, sys\n"
        "bad = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try: importlib.import_module(name)\n"
        "    except BaseException as error: bad[name] = f'{type(error).__name__}: {error}'\n"
        "print(json.dumps(bad))"
    )
    bad = json.loads(_run([*PYTHON, code, *IMPORTS], 120).splitlines()[-1])
    if bad:
        first = next(iter(bad))
        return failed(f"{', '.join(bad)} can't be imported ({bad[first]})", REINSTALL, errors=bad)
    return fine(", ".join(IMPORTS))


def try_tensorflow() -> Finding:
    """Import TensorFlow and Keras, multiply two matrices on each device it finds."""
    code = (
        "import json, time\n"
        "start = time.time()\n"
        "import tensorflow as tf, keras\n"
        "seconds = time.time() - start\n"
        "gpus = []\n"
        "for gpu in tf.config.list_physical_devices('GPU'):\n"
        "    gpus.append(tf.config.experimental.get_device_details(gpu)"
        ".get('device_name', gpu.name))\n"
        "for device in ['CPU:0'] + [f'GPU:{i}' for i in range(len(gpus))]:\n"
        "    with tf.device(device): assert tf.reduce_sum(tf.eye(3) @ tf.eye(3)).numpy() == 3\n"
        "print(json.dumps({'tensorflow': tf.__version__, 'keras': keras.__version__,"
        " 'gpus': gpus, 'seconds': round(seconds, 1)}))"
    )
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        facts = json.loads(_run([*PYTHON, code], 180, quiet).splitlines()[-1])
    except RuntimeError as error:
        return failed(
            f"TensorFlow does not work here ({first_line(error)})",
            "lessons 1 to 7 can do without it; for lesson 8, " + REINSTALL,
        )
    gpus = ", ".join(facts["gpus"]) or "none (the CPU does for the lessons)"
    return fine(
        f"TensorFlow {facts['tensorflow']}, Keras {facts['keras']}, imported in "
        f"{facts['seconds']} s; GPU: {gpus}",
        **facts,
    )


def try_kernel() -> Finding:
    """Start the notebooks' kernel and let it add."""
    from jupyter_client.manager import start_new_kernel

    started = time.monotonic()
    manager, client = start_new_kernel(
        kernel_name="python3", startup_timeout=60, stderr=subprocess.DEVNULL
    )
    try:
        heard: list[str] = []

        def listen(message: dict[str, Any]) -> None:
            if message["msg_type"] == "execute_result":
                heard.append(message["content"]["data"]["text/plain"])

        client.execute_interactive("1 + 1", timeout=30, output_hook=listen)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    if heard != ["2"]:
        return failed(f"the kernel says that 1 + 1 is {heard or 'nothing'}", REINSTALL)
    return fine(f"a kernel starts and knows that 1 + 1 is 2 ({time.monotonic() - started:.1f} s)")


def try_data() -> Finding:
    """Read the film reviews; their file is checked by its SHA-256."""
    from attnkit.data import SHA256, DataError, load_reviews

    try:
        sizes = {name: len(load_reviews(name)) for name in ("mr", "imdb")}
    except DataError as error:
        return failed(str(error))
    return fine(
        f"{sizes['mr']:,} sentences and {sizes['imdb']:,} reviews, unchanged (SHA-256 "
        f"{SHA256[:8]}…)",
        **sizes,
    )


def try_minilm() -> Finding:
    """Are the weights that lesson 9 looks into here, and whole?"""
    from attnkit.minilm import load_minilm

    gone = not_installed(MINILM)
    if gone:
        return noted(
            f"lesson 9 looks into MiniLM, and there is no {listed(gone, 3)}; all other lessons do "
            "without",
            f"run `{as_typed(INSTALL_MINILM)}`.",
            missing=gone,
        )
    try:
        load_minilm()
    except NotInstalledError as error:
        return noted(str(error))
    return fine("MiniLM's weights are here and whole")


def try_lessons() -> Finding:
    """Are the notebooks there, readable as notebooks, and may they be saved?"""
    import nbformat

    lessons = ROOT / "lessons"
    notebooks = [lessons / "00_start_here.ipynb", *sorted(lessons.glob("[0-9]*_*/[0-9]*_*.ipynb"))]
    missing = [str(n.relative_to(ROOT)) for n in notebooks if not n.is_file()]
    data = sorted((lessons / "attnkit" / "released").glob("L*.json"))
    if missing or len(notebooks) < 2 or not data:
        return failed("the lessons are not built", "run `make build`.", missing=missing)
    for notebook in notebooks:
        try:
            nbformat.validate(nbformat.read(notebook, as_version=4))
        except Exception as error:
            return failed(
                f"{notebook.relative_to(ROOT)} is damaged ({first_line(error)})",
                "run `make build`; the damaged one is kept beside it.",
            )
    for file in data:
        json.loads(file.read_text(encoding="utf-8"))
    says = f"the start page and {len(notebooks) - 1} lesson(s), in {lessons}"
    if not all(os.access(notebook, os.W_OK) for notebook in notebooks):
        return noted(f"{says}; they can't be saved", "copy the course to a folder of your own.")
    return fine(says, notebooks=[str(n.relative_to(ROOT)) for n in notebooks])


def try_progress() -> Finding:
    """Can progress be kept where it belongs?"""
    from attnkit import progress

    file = progress.progress_file()
    if file is None:
        return noted("not kept: ATTNKIT_PROGRESS is off")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        return noted(
            f"can't be kept in {file} ({error.strerror})",
            "name another file in the environment variable ATTNKIT_PROGRESS; lessons work anyway.",
        )
    known = len(progress.latest())
    return fine(f"kept in {file} ({known} exercise(s) checked so far)", file=str(file))


def try_browser() -> Finding:
    """Let a headless browser show a page; only the tests need one."""
    from autograder import browser

    found = browser.find()
    if found is None:
        return noted(
            "no Chromium or Chrome: the browser tests will be skipped",
            "only for `make test`: install Chromium, or set ATTN_BROWSER to a browser's path.",
        )
    command = [
        *(str(found), "--headless", *browser.launch_arguments(), "--dump-dom"),
        "data:text/html,<p id=p></p><script>p.textContent=6*7</script>",
    ]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        page = _run([*command[:1], f"--user-data-dir={profile}", *command[1:]], 90)
    if ">42<" not in page:
        return noted(f"{found} starts but shows no page", "set ATTN_BROWSER to another browser.")
    return fine(f"{found} shows a page", path=str(found))


def try_disk() -> Finding:
    """Room for notebooks, grades and logs."""
    free = shutil.disk_usage(ROOT).free / 1e9
    says = f"{free:.1f} GB free"
    if free < 1:
        return noted(says, "make room: saving a notebook may fail soon.", free_gb=round(free, 1))
    return fine(says, free_gb=round(free, 1))


def try_sandbox() -> Finding:
    """Put a box into each kind of sandbox that might work, and try its walls from inside."""
    from autograder.boxes.box import Limits
    from autograder.boxes.maker import how_to_enable, survey

    surveys = list(survey(Limits()))
    for found in surveys:
        if found.is_sandbox:
            problems = {p.name: p.problem for p in found.protections}
            kept = sum(not problem for problem in problems.values())
            says = f"{found.kind}: {kept} of {len(problems)} protections hold"
            if kept == len(problems):
                return fine(says, kind=found.kind, protections=problems)
            return noted(says, kind=found.kind, protections=problems)
    why = surveys[0].problem if surveys else "there is none for this system"
    return noted(
        f"none works here ({why}): `attn grade` will refuse to run submissions",
        f"{how_to_enable()}.",
        problems=[found.problem for found in surveys],
    )


def try_counting() -> Finding:
    """Who counts what a submission uses: the kernel, or the grader by looking."""
    if sys.platform != "linux":
        return noted("what a submission uses is counted on Linux only")
    from autograder.boxes.groups import open_groups

    groups = open_groups()
    if groups is not None:
        groups.close()
        if groups.bounded:
            return fine("the kernel counts and bounds each submission's time, memory and processes")
    looks = "memory is looked at ten times a second"
    if groups is not None:
        says = f"the kernel counts each submission's processor time; {looks}"
    else:
        says = f"{looks}, and so is processor time: what hides between two looks is estimated"
    if shutil.which("systemd-run"):
        how = (
            "for exact bounds grade by `systemd-run --user --scope -p Delegate=yes attn grade ...`."
        )
    else:
        how = "for exact bounds grade where control groups (cgroup v2) are delegated to you."
    return noted(says, how)


def protections(finding: Finding) -> Iterator[Finding]:
    """Each protection of the sandbox as a finding of its own."""
    from autograder.boxes.selftest import MEANING

    for name, problem in finding.details.get("protections", {}).items():
        state: State = "note" if problem else "ok"
        yield Finding(f"  {name}", state, problem or MEANING.get(name, name))


#: In the order of the report; True: the course needs it.
TRIALS: dict[str, tuple[Trial, bool]] = {
    "Python": (try_python, True),
    "packages": (try_packages, True),
    "PYTHONPATH": (try_pythonpath, False),
    "imports": (try_imports, True),
    "TensorFlow": (try_tensorflow, False),
    "kernel": (try_kernel, True),
    "reviews": (try_data, True),
    "MiniLM": (try_minilm, False),
    "lessons": (try_lessons, True),
    "progress": (try_progress, False),
    "browser": (try_browser, False),
    "disk": (try_disk, False),
    "sandbox": (try_sandbox, False),
    "counting": (try_counting, False),
}


def _run(command: list[str], timeout: float, env: dict[str, str] | None = None) -> str:
    """A program's output; RuntimeError with its last words if it fails."""
    try:
        answer = subprocess.run(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"no answer in {timeout:.0f} s") from error
    if answer.returncode != 0:
        last = (answer.stderr.strip().splitlines() or [f"exit code {answer.returncode}"])[-1]
        raise RuntimeError(last)
    return answer.stdout
