"""A machine with accounts of its own: a mount namespace, in which /etc/passwd is another file.

Real accounts are what a hub's local spawner and nbgrader's exchange work with. Nothing of the
machine that runs the tests is changed: what is mounted there is gone with it. It takes root.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIRST_ID = 4200  # of the accounts
PROGRAMS = ("unshare", "nsenter", "setpriv", "openssl", "pkill")


def why_not() -> str | None:
    """Why there can be no such machine here; None if there can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "accounts of its own need root, on Linux"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        return f"{missing[0]} is not installed"
    if not Path("/etc/pam.d/login").is_file():
        return "nobody can log in: there is no PAM service login"
    mounts = "mount --bind /etc/group /etc/passwd && mount -t tmpfs none /srv"
    tried = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", mounts],
        capture_output=True, check=False,
    )  # fmt: skip
    return None if tried.returncode == 0 else "mount namespaces are not allowed here"


class Machine:
    """Accounts by name, each with a home in ``homes``; `run` runs commands as one of them."""

    def __init__(self, accounts: Iterable[str], password: str) -> None:
        self.ids = {name: FIRST_ID + n for n, name in enumerate(accounts)}
        self.folder = Path(tempfile.mkdtemp(prefix="attn-hub-"))
        self.folder.chmod(0o755)
        self.srv = self.folder / "srv"
        self.srv.mkdir(mode=0o755)
        for name, number in self.ids.items():
            self.home(name).mkdir(parents=True)
            self.home(name).chmod(0o700)
            os.chown(self.home(name), number, number)
        self.holder = self._start(password)

    def home(self, name: str) -> Path:
        return self.folder / "home" / name

    def _start(self, password: str) -> subprocess.Popen[str]:
        etc = self.folder / "etc"
        etc.mkdir(mode=0o755)
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", password], capture_output=True, text=True, check=True
        ).stdout.strip()
        lines = {"passwd": "{name}:x:{id}:{id}::{home}:/bin/bash", "group": "{name}:x:{id}:",
                 "shadow": "{name}:{hashed}:19000:0:99999:7:::"}  # fmt: skip
        script = ["set -e"]
        for file, line in lines.items():
            own = Path("/etc", file).read_text(encoding="utf-8").rstrip("\n").splitlines()
            own += [
                line.format(name=name, id=number, home=self.home(name), hashed=hashed)
                for name, number in self.ids.items()
            ]
            (etc / file).write_text("\n".join(own) + "\n", encoding="utf-8")
            (etc / file).chmod(0o600 if file == "shadow" else 0o644)
            script.append(f"mount --bind {etc / file} /etc/{file}")
        script += self._open_ways()
        script += ["echo ready", "exec sleep infinity"]
        holder = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "bash", "-c", "\n".join(script)],
            stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        return holder

    def _open_ways(self) -> list[str]:
        """Where only root may pass on the way to Python and the course, everybody may, in here."""
        needed = {Path(path).resolve() for path in (ROOT, sys.prefix, sys.base_prefix)}
        closed = {
            next(way for way in reversed(path.parents) if not way.stat().st_mode & 0o001)
            for path in needed
            if any(not way.stat().st_mode & 0o001 for way in path.parents)
        }
        script = []
        for number, way in enumerate(sorted(closed)):
            kept = self.folder / "kept" / str(number)
            kept.mkdir(parents=True)
            script += [f"mount --rbind {way} {kept}", f"mount -t tmpfs -o mode=755 none {way}"]
            for path in sorted(path for path in needed if way in path.parents):
                script += [
                    f"mkdir -p {path}",
                    f"mount --rbind {kept / path.relative_to(way)} {path}",
                ]
        return script

    def command(self, name: str | None, command: Sequence[str | Path]) -> list[str]:
        """A command as this account runs it; without a name, as root does."""
        entering = ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", f"--wd={self.srv}"]
        if name is not None:
            number = str(self.ids[name])
            entering += ["setpriv", "--reuid", number, "--regid", number, "--clear-groups"]
        return [*entering, *map(str, command)]

    def environment(self, name: str | None, **more: str) -> dict[str, str]:
        home = self.folder if name is None else self.home(name)
        path = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
        return {"HOME": str(home), "PATH": path, "LANG": "C.UTF-8", **more}

    def run(
        self,
        name: str | None,
        *command: str | Path,
        cwd: Path | None = None,
        more: Mapping[str, str] | None = None,
    ) -> str:
        """What a command writes, run to its end."""
        moved = ["env", f"--chdir={cwd or self.srv}", *command]
        done = subprocess.run(
            self.command(name, moved), env=self.environment(name, **(more or {})),
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def close(self) -> None:
        """End what still runs under the accounts, and the namespace."""
        for number in self.ids.values():
            subprocess.run(["pkill", "-KILL", "-U", str(number)], check=False)
        os.killpg(self.holder.pid, signal.SIGKILL)
        self.holder.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
