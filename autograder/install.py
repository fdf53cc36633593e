"""Make the course's private environment: `.venv`, with exactly the versions named in `.lock/`.

The Makefile runs this file as `python3 -I autograder/install.py`, before anything is installed.
So it uses the standard library alone, and it parses on every Python since 3.6: an old Python must
get as far as saying, in one sentence, that it is too old (hence the quoted type hints below).

What is promised:

* The second time costs a fraction of a second: `.venv/attention-kit.json` says what was installed.
* Killed at any moment, the next run carries on; a moved or copied checkout is repaired.
* Two runs at once: the second waits for the first.
* What goes wrong is said in one sentence that tells what to do, with exit code 2. What pip itself
  had to say is kept in `build/install.log`.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

TYPE_CHECKING = False  # `typing` is slow to import, and this program runs every time
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO, Any, NoReturn

#: TensorFlow has ready-made wheels for these; in step with `requires-python` in pyproject.toml.
SUPPORTED = ((3, 11), (3, 12), (3, 13))
#: Free disk asked for before a first install, in GB: packages unpacked, plus pip's downloads.
FREE_GB = {"cpu": 5, "gpu": 14}
#: How long to wait for another install in the same checkout, in seconds.
PATIENCE = 3600

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STATE = os.path.join(VENV, "attention-kit.json")
BUILD = os.path.join(ROOT, "build")
LOG = os.path.join(BUILD, "install.log")
BIN = "Scripts" if os.name == "nt" else "bin"
VENV_PYTHON = os.path.join(VENV, BIN, "python.exe" if os.name == "nt" else "python")

ABOUT_PYTHON = """
import json, struct, sys
try:
    import ensurepip, venv
    pip = True
except ImportError:
    pip = False
print(json.dumps({"version": list(sys.version_info[:3]), "pip": pip,
                  "executable": sys.executable, "prefix": sys.prefix,
                  "bits": struct.calcsize("P") * 8}))
"""


class InstallError(Exception):
    """The install cannot go on; the message is the one sentence that the person reads."""


def main(arguments: "list[str] | None" = None) -> int:
    """Bring `.venv` up to date. Exit code 0 (ready) or 2 (a sentence on stderr says why not)."""
    parser = argparse.ArgumentParser(description="Install the course into .venv.")
    parser.add_argument("--python", default="", help="the Python to use (default: look for one)")
    parser.add_argument("--gpu", action="store_true", help="with TensorFlow's GPU libraries")
    options = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a folder's name may hold letters that the system lacks
            stream.reconfigure(errors="backslashreplace")
    try:
        install(options.python, options.gpu)
    except InstallError as error:
        sys.stderr.write(f"attention-kit: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The next run carries on from here.\n")
        return 130
    return 0


def install(wanted: str, gpu: bool) -> None:
    """Install unless everything is in place already. Raises InstallError."""
    if wanted and os.sep in wanted:
        wanted = os.path.abspath(os.path.expanduser(wanted))
    state = read_state()
    gpu = gpu or state.get("lock") == lock_name(gpu=True)
    if is_ready(state, wanted, gpu):
        return
    if sys.version_info < SUPPORTED[0]:
        hand_over_to(choose_python(wanted)["executable"], gpu)
    make_folder(BUILD)
    with only_one_at_a_time() as lock_handle:
        state = read_state()
        if not is_ready(state, wanted, gpu):
            make_environment(wanted, state, gpu, lock_handle)


# -- what is there ---------------------------------------------------------------------------------


def read_state() -> "dict[str, Any]":
    """What the last install wrote about itself; {} if there was none or it can't be read."""
    try:
        with open(STATE, encoding="utf-8") as file:
            state = json.load(file)
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(**state: "Any") -> None:
    """Write the state whole or not at all."""
    state["root"] = ROOT
    with open(STATE + ".new", "w", encoding="utf-8") as file:
        json.dump(state, file, indent=1, sort_keys=True)
    os.replace(STATE + ".new", STATE)


def is_ready(state: "dict[str, Any]", wanted: str, gpu: bool) -> bool:
    """Is the environment complete, up to date, in its place, and of the Python asked for?"""
    if not state.get("complete") or state.get("root") != ROOT:
        return False
    if state.get("hash") != fingerprint(lock_name(gpu)):
        return False
    there = about_python([VENV_PYTHON])
    if there is None or list(there["version"][:2]) != list(state.get("python", ())[:2]):
        return False
    if not wanted:
        return True
    asked = about_python([wanted])
    return asked is not None and asked["version"][:2] == there["version"][:2]


def lock_name(gpu: bool) -> str:
    """The lock to install from."""
    return "requirements-gpu.txt" if gpu else "requirements.txt"


def fingerprint(lock: str) -> str:
    """SHA-256 of all that decides what an install gives: lock, project metadata, this program."""
    digest = hashlib.sha256()
    try:
        with open(os.path.join(ROOT, ".lock", lock), "rb") as file:
            digest.update(file.read())
        with open(os.path.join(ROOT, "pyproject.toml"), encoding="utf-8") as text:
            digest.update(metadata_lines(text.read()).encode("utf-8"))
        with open(os.path.abspath(__file__), "rb") as file:
            digest.update(file.read())
    except OSError as error:
        name = os.path.relpath(str(error.filename), ROOT)
        raise InstallError(
            f"this checkout lacks {name}; get it whole (git status shows what is missing)."
        ) from error
    return digest.hexdigest()


def metadata_lines(pyproject: str) -> str:
    """The sections of pyproject.toml that an install reads (not the linters' settings)."""
    kept = []
    keep = False
    for line in pyproject.splitlines():
        line = line.strip()
        if re.match(r"\[[\w.\-\"\[]+\]", line):
            keep = line.startswith(("[build-system", "[project", "[tool.hatch"))
        if keep and line and not line.startswith("#"):
            kept.append(line)
    return "\n".join(kept)


# -- which Python ----------------------------------------------------------------------------------


def about_python(command: "list[str]") -> "dict[str, Any] | None":
    """Run a Python and let it tell about itself; None if it doesn't run."""
    try:
        answer = subprocess.run(
            [*command, "-I", "-c", ABOUT_PYTHON],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
        facts = json.loads(answer.stdout.decode("utf-8"))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return facts if isinstance(facts, dict) else None


def choose_python(wanted: str) -> "dict[str, Any]":
    """A Python to build on: the one asked for, or the first suitable one that really runs.

    A Python that can make virtual environments on its own goes before one that lacks ensurepip.
    """
    if wanted:
        found = about_python([wanted])
        if found is None:
            raise InstallError(f"PYTHON={wanted} is not a Python that runs here.")
        if not is_suitable(found):
            version = dotted(found["version"])
            raise InstallError(
                f"PYTHON={wanted} is Python {version}, and this course needs {needed(found)}; name "
                "another, or leave PYTHON= away and one is looked for."
            )
        return found
    seen = []
    for command in candidates():
        found = about_python(command)
        if found is not None:
            seen.append(found)
            if is_suitable(found) and found["pip"]:
                return found
    for found in seen:
        if is_suitable(found):
            return found
    here = " and ".join(sorted({"Python " + dotted(found["version"]) for found in seen}))
    raise InstallError(
        f"this course needs {needed()}, and here there is only {here}; install one of them (from "
        "python.org, your system's packages, or conda), or name one: make lab "
        "PYTHON=/path/to/python3.12."
    )


def candidates() -> "Iterator[list[str]]":
    """Commands that may be a Python, the running one first."""
    yield [sys.executable]
    yield ["python3"]
    for major, minor in reversed(SUPPORTED):
        yield [f"python{major}.{minor}"]
        if os.name == "nt":
            yield ["py", f"-{major}.{minor}"]
    yield ["python"]


def is_suitable(found: "dict[str, Any]") -> bool:
    """Is there a TensorFlow wheel for this Python?"""
    return tuple(found["version"][:2]) in SUPPORTED and found["bits"] == 64


def needed(found: "dict[str, Any] | None" = None) -> str:
    """The Pythons that do, in words."""
    names = [f"{major}.{minor}" for major, minor in SUPPORTED]
    words = "Python {} or {}".format(", ".join(names[:-1]), names[-1])
    return words + " (64 bit)" if found is not None and found["bits"] != 64 else words


def dotted(version: "list[int]") -> str:
    """[3, 11, 7] -> "3.11.7"."""
    return ".".join(str(part) for part in version)


def hand_over_to(executable: str, gpu: bool) -> "NoReturn":
    """Go on in the chosen Python: the rest of this program is not tried on old ones."""
    command = [executable, "-I", os.path.abspath(__file__), "--python", executable]
    if gpu:
        command.append("--gpu")
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(executable, command)


# -- making it -------------------------------------------------------------------------------------


def make_environment(wanted: str, state: "dict[str, Any]", gpu: bool, lock_handle: int) -> None:
    """Make, finish, update or repair `.venv`. Raises InstallError; what is done so far is kept."""
    started = time.time()
    lock = lock_name(gpu)
    fingerprint(lock)  # is the checkout whole?
    fate, python = judge_remains(wanted, state)
    try:
        if fate == "make":
            remove_environment()
            check_disk(gpu)
        say(OPENING[fate].format(dotted(python["version"])))
        if fate == "make":
            create_venv(python)
        write_state(complete=False)
        if fate == "move":
            rewrite_launchers(str(state["root"]))
        drop_half_installed()
        with open(LOG, "w", encoding="utf-8") as log:
            install_packages(os.path.join(".lock", lock), log, lock_handle)
            itself = ["install", "--no-deps", "--no-build-isolation", "--editable", "."]
            pip(itself, log, lock_handle)
        write_state(complete=True, hash=fingerprint(lock), lock=lock, python=python["version"])
    except OSError as error:
        raise InstallError(about_os_error(error)) from error
    seconds = int(time.time() - started)
    say(f"Ready, after {seconds // 60} min {seconds % 60:02d} s.")


OPENING = {
    "make": "Installing the course into .venv, with Python {}: a few minutes, once.",
    "finish": "Finishing the half-made .venv (Python {}) ...",
    "update": "Bringing .venv up to date (Python {}) ...",
    "move": "This folder has moved: repairing .venv (Python {}) ...",
}


def judge_remains(wanted: str, state: "dict[str, Any]") -> "tuple[str, dict[str, Any]]":
    """What to do with the `.venv` that is there (a key of OPENING), and the Python to do it with.

    An environment that runs, on a Python that suits, is kept; any other is made anew.
    """
    there = about_python([VENV_PYTHON])
    keep = (
        there is not None
        and is_suitable(there)
        and there["pip"]
        and os.path.realpath(there["prefix"]) == os.path.realpath(VENV)
        and has_pip()
    )
    if there is None or not keep:
        return "make", choose_python(wanted)
    if wanted:
        python = choose_python(wanted)
        if python["version"][:2] != there["version"][:2]:
            return "make", python
    if state.get("root", ROOT) != ROOT:
        return "move", there
    return ("update" if state.get("complete") else "finish"), there


def remove_environment() -> None:
    """Clear the way for a new `.venv`; a `.venv` that is something else is left alone."""
    if not os.path.lexists(VENV):
        return
    ours = {"bin", "include", "lib", "lib64", "share", "etc", "scripts", "pyvenv.cfg", ".gitignore"}
    ours.update(["attention-kit.json", "attention-kit.json.new"])
    try:
        entries = os.listdir(VENV)
        known = "pyvenv.cfg" in entries or {entry.lower() for entry in entries} <= ours
        if not known:
            some = ", ".join(sorted(entries)[:3])
            raise InstallError(
                f".venv is not a virtual environment (it holds {some}); move it away and try again."
            )
        for entry in entries:  # not the folder itself: it may be a link to a larger disk
            path = os.path.join(VENV, entry)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
    except OSError as error:
        raise InstallError(
            f".venv can't be renewed ({error.strerror}); delete it yourself and try again."
        ) from error


def create_venv(python: "dict[str, Any]") -> None:
    """`python -m venv .venv`, with Debian's missing python3-venv installed where that's allowed."""
    if not python["pip"]:
        install_ensurepip(python)
    answer = subprocess.run(
        [python["executable"], "-I", "-m", "venv", VENV],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if answer.returncode != 0:
        words = answer.stdout.decode("utf-8", "replace")
        with open(LOG, "w", encoding="utf-8") as log:
            log.write(words)
        raise InstallError(explain(words, "{} -m venv .venv".format(python["executable"])))


def install_ensurepip(python: "dict[str, Any]") -> None:
    """Debian and Ubuntu cut ensurepip out of Python into a package of its own."""
    executable = python["executable"]
    package = "python{}.{}-venv".format(*python["version"])
    if shutil.which("apt-get") is None:
        raise InstallError(
            f"{executable} can't make virtual environments (it lacks ensurepip); install your "
            "system's package for it, or name another: make lab PYTHON=/path/to/python3.12."
        )
    if os.geteuid() != 0:
        raise InstallError(
            f"{executable} can't make virtual environments yet; run 'sudo apt-get install "
            f"{package}' and try again."
        )
    say(f"  {package}, which Debian keeps apart from Python ...")
    make_folder(BUILD)
    with open(LOG, "w", encoding="utf-8") as log:
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", package]):
            code = subprocess.call(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"),
            )
    if code != 0:
        raise InstallError(f"'apt-get install {package}' failed; build/install.log has its words.")


def rewrite_launchers(old_root: str) -> None:
    """After a move, let the small start scripts in `.venv/bin` name the Python where it now is."""
    old = os.path.join(old_root, ".venv").encode("utf-8")
    new = VENV.encode("utf-8")
    folder = os.path.join(VENV, BIN)
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            content = file.read()
        if content[:2] == b"#!" or name.lower().startswith("activate"):
            changed = content.replace(old, new)
            if changed != content:
                with open(path, "r+b") as file:
                    file.write(changed)
                    file.truncate()


def site_packages() -> str:
    """Where the environment's packages live."""
    if os.name == "nt":
        return os.path.join(VENV, "Lib", "site-packages")
    library = os.path.join(VENV, "lib")
    names = os.listdir(library) if os.path.isdir(library) else []
    names = [name for name in names if name.startswith("python3.")] or ["python3"]
    return os.path.join(library, names[0], "site-packages")


def has_pip() -> bool:
    """Did ensurepip finish? (RECORD is what it writes last.)"""
    folder = site_packages()
    return any(
        name.startswith("pip-") and os.path.exists(os.path.join(folder, name, "RECORD"))
        for name in (os.listdir(folder) if os.path.isdir(folder) else ())
    )


def drop_half_installed() -> None:
    """Forget packages that a killed pip was in the middle of, so that pip lays them anew.

    pip writes a package's RECORD last; `~name` is what it sets aside while it replaces one.
    """
    folder = site_packages()
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        if name.startswith("~"):
            shutil.rmtree(path, ignore_errors=True)
        elif name.endswith(".dist-info") and not os.path.exists(os.path.join(path, "RECORD")):
            shutil.rmtree(path)


def install_packages(lock: str, log: "IO[str]", lock_handle: int) -> None:
    """Install the lock's exact versions, with progress on the terminal."""
    with open(os.path.join(ROOT, lock), encoding="utf-8") as file:
        total = sum(1 for line in file if re.match(r"[A-Za-z0-9]", line))
    progress = Progress(total)
    try:
        arguments = ["install", "--no-deps", "--no-compile", "--requirement", lock]
        pip(arguments, log, lock_handle, progress)
    finally:
        progress.end()
    compile_packages()


def compile_packages() -> None:
    """Byte-compile on all cores what pip would compile on one, so that first imports are quick."""
    say("  compiling them ...")
    subprocess.call(
        [VENV_PYTHON, "-I", "-m", "compileall", "-q", "-j", "0", "-x", r"[/\\]tests?[/\\]",
         site_packages()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # some packages ship files for other Pythons: no matter
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def pip(
    arguments: "list[str]",
    log: "IO[str]",
    lock_handle: int,
    progress: "Progress | None" = None,
) -> None:
    """Run the environment's pip, its words into the log. Raises InstallError: what went wrong."""
    environment = {
        name: value
        for name, value in os.environ.items()
        # a learner's settings that would lead the install astray; index, proxy, cache ones stay
        if not name.startswith("PYTHON")
        and name not in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_CONSTRAINT")
    }
    environment.update(
        PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PYTHONUNBUFFERED="1"
    )
    if roomy_folder() is not None:
        environment["TMPDIR"] = str(roomy_folder())
    command = [VENV_PYTHON, "-m", "pip", "--no-color", *arguments, "--progress-bar", "off"]
    log.write("$ python -m pip {}\n".format(" ".join(arguments)))
    log.flush()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # pip holds the lock as well: should this program be killed, the next one waits for pip
        pass_fds=() if os.name == "nt" else (lock_handle,),
    )
    assert process.stdout is not None
    tail = []  # type: list[str]
    try:
        for raw in process.stdout:
            line = raw.decode("utf-8", "replace")
            log.write(line)
            log.flush()
            tail = [*tail[-60:], line]
            if progress is not None:
                progress.see(line)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if process.wait() != 0:
        if progress is not None:
            progress.end()
        raise InstallError(explain("".join(tail), "pip", process.returncode))


class Progress:
    """One line that tells how far pip is: rewritten on a terminal, now and then elsewhere."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.seen = 0
        self.terminal = sys.stdout.isatty()
        self.told = time.time()
        self.open_line = False

    def see(self, line: str) -> None:
        """Learn from one line of pip's."""
        if line.startswith("Ignoring "):  # not for this system
            self.total -= 1
        elif line.startswith(("Collecting ", "Requirement already satisfied")):
            self.seen += 1
            words = re.split(r"[ =:(]+", line.replace("Requirement already satisfied: ", "_ ", 1))
            self.tell(f"fetching {self.seen} of {self.total} packages: {words[1].strip()}")
        elif line.startswith("Installing collected packages"):
            self.end()
            say("  unpacking them ...")

    def tell(self, words: str) -> None:
        """Show it, calmly."""
        now = time.time()
        if self.terminal:
            sys.stdout.write(f"\r  {words[:76]:76}")
            sys.stdout.flush()
            self.open_line = True
        elif now - self.told > 20:
            say(f"  {words} ...")
            self.told = now

    def end(self) -> None:
        """Clear the terminal's progress line."""
        if self.open_line:
            sys.stdout.write("\r" + " " * 79 + "\r")
            sys.stdout.flush()
            self.open_line = False


# -- what can go wrong -----------------------------------------------------------------------------

NO_SPACE = ("No space left on device", "Errno 28", "Disk quota exceeded", "WinError 112")
NO_WRITING = ("Read-only file system", "Permission denied")
NO_CERTIFICATE = ("CERTIFICATE_VERIFY_FAILED", "certificate verify failed")
NO_NETWORK = (
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
    "ProtocolError",
    "Cannot connect to proxy",
    "Name or service not known",
    "Temporary failure in name resolution",
    "Network is unreachable",
    "Connection refused",
    "Connection reset",
    "Connection aborted",
    "Read timed out",
    "getaddrinfo failed",
    "nodename nor servname",
    "Max retries exceeded",
)


def explain(words: str, who: str, code: int = 1) -> str:
    """What pip or venv said -> one sentence: what went wrong and what to do."""
    log = f"build/install.log has all of {os.path.basename(who).split()[0]}'s words"
    if any(mark in words for mark in NO_SPACE):
        return about_disk()
    if any(mark in words for mark in NO_CERTIFICATE):
        return (
            "pip can't verify the package index's certificate; behind a company's or school's "
            f"proxy, set PIP_CERT to its certificate file, and try again ({log})."
        )
    if any(mark in words for mark in NO_NETWORK):
        return (
            "pip can't reach a package index: check the network; behind a proxy set HTTPS_PROXY, "
            f"with a mirror set PIP_INDEX_URL, and try again: it carries on from here ({log})."
        )
    missing = re.search(r"No matching distribution found for ([^\s;(]+)", words)
    if missing:
        return (
            f"pip found no {missing.group(1)} for this machine ({platform.system()} "
            f"{platform.machine()}): either its package index can't be reached, or this kind of "
            f"machine is none of those that the README names ({log})."
        )
    if code < 0:
        return (
            f"pip was stopped from outside (signal {-code}; often the machine ran out of memory); "
            f"try again: it carries on from here ({log})."
        )
    errors = [line.strip() for line in words.splitlines() if line.strip().startswith("ERROR")]
    if any(mark in line for mark in NO_WRITING for line in errors):
        return about_read_only(errors[-1][7:])
    last = errors[-1] if errors else (words.strip().splitlines() or ["nothing"])[-1].strip()
    return f"{who} failed, saying '{last[:200]}' ({log})."


def about_os_error(error: "OSError") -> str:
    """An operating system's refusal -> one sentence."""
    words = f"Errno {error.errno} {error.strerror}"
    if any(mark in words for mark in NO_SPACE):
        return about_disk()
    if any(mark in words for mark in NO_WRITING):
        return about_read_only(f"{error.strerror}: {error.filename}")
    return f"the install stopped: {error.strerror} ({error.filename})."


def about_disk() -> str:
    return (
        f"the disk is full; make room (about {FREE_GB['cpu']} GB), and try again: it carries on "
        "from here."
    )


def about_read_only(detail: str) -> str:
    return (
        f"this checkout can't be written to ({detail}); copy it to a folder of your own, and run "
        "make there."
    )


def check_disk(gpu: bool) -> None:
    """Enough room for a first install? Better said now than after ten minutes."""
    wanted = FREE_GB["gpu" if gpu else "cpu"]
    free = shutil.disk_usage(VENV if os.path.isdir(VENV) else ROOT).free / 1e9
    if free < wanted:
        raise InstallError(
            f"the disk has {free:.1f} GB free, and the install needs about {wanted} GB; make "
            "room, or put this folder on another disk."
        )


def roomy_folder() -> "str | None":
    """A folder for pip's downloads, where the system's own temporary folder is too small."""
    try:
        if shutil.disk_usage(tempfile.gettempdir()).free > 3e9:
            return None
    except OSError:
        pass
    folder = os.path.join(BUILD, "tmp")
    make_folder(folder)
    return folder


def make_folder(path: str) -> None:
    """Make a folder in the checkout. Raises InstallError if the checkout is read-only."""
    try:
        os.makedirs(path, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InstallError(about_os_error(error)) from error


@contextlib.contextmanager
def only_one_at_a_time() -> "Iterator[int]":
    """Hold the checkout's install lock; wait for another install to finish. Raises InstallError."""
    path = os.path.join(BUILD, "install.lock")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise InstallError(about_os_error(error)) from error
    try:
        deadline = time.time() + PATIENCE
        told = False
        while not try_lock(handle):
            if not told:
                say("Another install is running in this folder; waiting for it to finish ...")
                told = True
            if time.time() > deadline:
                raise InstallError(
                    "another install in this folder doesn't end; stop it, try again."
                )
            time.sleep(0.5)
        yield handle
    finally:
        os.close(handle)


def try_lock(handle: int) -> bool:
    """Take the lock if nobody has it. The system lets it go when its last holder ends."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def say(words: str) -> None:
    """One line to the person."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
