"""A real PostgreSQL server for the tests, on loopback, in a folder of its own, gone afterwards.

`python -m tests.postgresql` is the step of `make test` that makes sure of Debian's package where it
can. `ATTN_REQUIRE_POSTGRESQL=1` (set by `.ci/run`) makes its absence a failure instead of a skip.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder import debian
from tests.browser.server import free_port

WANTED = ("initdb", "pg_ctl", "postgres")
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")


class NoServerError(Exception):
    """There is no PostgreSQL here that could be started; the text says why."""


def programs() -> Path | None:
    """The folder with a server's programs: Debian keeps them off PATH, by version."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("pg_ctl")
    for folder in [*debian, *([Path(on_path).resolve().parent] if on_path else [])]:
        if all((folder / name).is_file() for name in WANTED):
            return folder
    return None


def is_required() -> bool:
    """Must the tests with PostgreSQL run rather than be skipped?"""
    return os.environ.get("ATTN_REQUIRE_POSTGRESQL", "0") not in ("", "0")


@contextlib.contextmanager
def server() -> Iterator[str]:
    """A running server; yields the address of its first database, with its password."""
    found = programs()
    if found is None:
        raise NoServerError("no PostgreSQL server's programs (Debian: apt-get install postgresql)")
    who = _unprivileged()
    with tempfile.TemporaryDirectory(prefix="attn-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        password = secrets.token_hex(16)
        (folder / "password").write_text(password)
        for path in (folder, folder / "password"):
            if who is not None:
                os.chown(path, who, -1)
        data = str(folder / "data")
        _run([found / "initdb", "-D", data, "-U", "attn", "--auth=scram-sha-256", "-E", "UTF8",
              "--pwfile", folder / "password", "--no-sync", "--locale=C.UTF-8"], who)  # fmt: skip
        port = free_port()
        settings = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={name}"
        pg_ctl: list[str | Path] = [found / "pg_ctl", "-D", data, "-w", "-t", "300"]
        log = str(folder / "log")
        _run([*pg_ctl, "-l", log, "-o", f"{settings} -c fsync=off", "start"], who)
        try:
            yield f"postgresql://attn:{password}@127.0.0.1:{port}/postgres"
        finally:
            _run([*pg_ctl, "-m", "immediate", "stop"], who)


def _unprivileged() -> int | None:
    """Whom to run the server as: it refuses to be root's."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd  # not on Windows, where nobody is root either

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_uid
    raise NoServerError("root may not run PostgreSQL, and there is nobody else")


def _run(command: Sequence[str | Path], who: int | None) -> None:
    done = subprocess.run(
        command,
        cwd="/",
        user=who,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NoServerError(f"{Path(command[0]).name} failed: {done.stdout.strip()[-500:]}")


def install() -> str | None:
    """Install Debian's server, but start none. A sentence if that didn't work out, else None."""
    if not _NO_CLUSTER.exists():  # else the package makes a server and starts it
        _NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
        _NO_CLUSTER.write_text("create_main_cluster = false\n")
    return debian.install("postgresql")


def main() -> int:
    """Make sure of a server where that's possible; exit 2 only if it is required and missing."""
    trouble = None
    if programs() is None and debian.can_install():
        print("Installing postgresql for the gradebook tests (once) ...", flush=True)
        trouble = install()
    found = programs()
    if found is not None:
        print(f"Gradebook tests will use {found}.", flush=True)
        return 0
    why = trouble or "not installed"
    print(f"No PostgreSQL for the gradebook tests: {why}.", file=sys.stderr, flush=True)
    return 2 if is_required() else 0


if __name__ == "__main__":
    sys.exit(main())
