"""JupyterHub's proxy, from npm, in build/hub/.

`python -m tests.hub.proxy` is the step of `make test-all` that makes sure of it where it can.
`ATTN_REQUIRE_HUB=1` makes its absence a failure instead of a skip.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from autograder import debian

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "hub"
PACKAGE = "configurable-http-proxy"
OLDER_NODE, NEWER_NODE = "4", "5"  # versions of the proxy; 5 wants Node.js 22
PATIENCE = 300  # seconds


def program() -> Path | None:
    """The proxy that is there."""
    own = FOLDER / "node_modules" / ".bin" / PACKAGE
    if own.exists():
        return own
    found = shutil.which(PACKAGE)
    return Path(found) if found else None


def is_required() -> bool:
    """Must the tests with a hub run rather than be skipped?"""
    return os.environ.get("ATTN_REQUIRE_HUB", "0") not in ("", "0")


def install() -> str | None:
    """Install it. A sentence if that didn't work out, else None."""
    if shutil.which("npm") is None and debian.can_install():
        debian.install("npm")
    if shutil.which("npm") is None:
        return "there is no npm (Debian: apt-get install npm)"
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = node.stdout.strip().lstrip("v").partition(".")[0]
    version = NEWER_NODE if major.isdigit() and int(major) >= 22 else OLDER_NODE
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            ["npm", "install", "--prefix", FOLDER, "--no-audit", "--no-fund",
             f"{PACKAGE}@{version}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"npm did not end in {PATIENCE} seconds"
    return None if done.returncode == 0 else f"npm failed: {done.stderr.strip()[-300:]}"


def main() -> int:
    """Make sure of it where that's possible; exit 2 only if it is required and missing."""
    trouble = install() if program() is None else None
    found = program()
    if found is not None:
        print(f"Hub tests will use {found}.", flush=True)
        return 0
    print(f"No proxy for the hub tests: {trouble}.", file=sys.stderr, flush=True)
    return 2 if is_required() else 0


if __name__ == "__main__":
    sys.exit(main())
