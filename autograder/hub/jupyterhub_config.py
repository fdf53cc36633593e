"""JupyterHub for a class on one server: the system's accounts, nbgrader's exchange, formgrader.

    cd /srv/autumn && jupyterhub --config .../autograder/hub/jupyterhub_config.py

All that differs from class to class stands in a file `hub.toml` in the folder where the hub is
started (`ATTN_HUB` names another file); see the README beside this file. To change more, write a
configuration of your own that begins with `load_subconfig(".../jupyterhub_config.py")`.
"""

# ruff: noqa: F821
from __future__ import annotations

import os
import sys
from pathlib import Path

from autograder.errors import AttnError
from autograder.hub.settings import read_settings

HERE = Path(__file__).resolve().parent
PROGRAMS = Path(sys.prefix) / "bin"
SINGLE_USER = str(PROGRAMS / "jupyterhub-singleuser")
try:
    hub = read_settings()
    learners = hub.learners
except AttnError as error:
    print(f"jupyterhub: {error}", file=sys.stderr)
    raise SystemExit(2) from None

c = get_config()  # type: ignore[name-defined]

# What learners and instructors share: the class's name and place in the exchange, and the course's
# own programs before any others.
shared = {
    "ATTN_HUB": str(hub.file),
    "JUPYTER_CONFIG_PATH": str(HERE / "jupyter"),
    "PATH": os.pathsep.join([str(PROGRAMS), os.environ.get("PATH", os.defpath)]),
}


def on_top_of(folder: str) -> str:
    """Jupyter's path for one kind of server: its own folder, before what all have."""
    return os.pathsep.join([str(HERE / folder), shared["JUPYTER_CONFIG_PATH"]])


# --- who may come in ------------------------------------------------------------------------------

# JupyterHub's default are the system's own accounts, by PAM; set another authenticator after this.
c.Authenticator.allowed_users = {*learners, *hub.instructors}
c.JupyterHub.load_groups = {hub.group: {"users": list(hub.instructors)}}
c.JupyterHub.load_roles = [
    {
        "name": hub.group,
        "groups": [hub.group],
        "scopes": [f"access:services!service={hub.course}"],
    }
]

# --- learners: a server each, under their own account ---------------------------------------------

c.Spawner.cmd = [SINGLE_USER]
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    **shared,
    # no formgrader among learners' tools
    "JUPYTER_CONFIG_PATH": on_top_of("learner"),
}

# --- instructors: one server in the class's folder, under the account that owns it ----------------

# A hub lets no page stand in a frame of another one; JupyterLab's formgrader is in one of its own.

c.JupyterHub.services = [
    {
        "name": hub.course,
        "url": f"http://127.0.0.1:{hub.port}",
        "command": [SINGLE_USER],
        "user": hub.account,
        "cwd": str(hub.folder),
        "environment": {
            **shared,
            "JUPYTER_CONFIG_PATH": on_top_of("instructor"),
            "JUPYTERHUB_DEFAULT_URL": "/lab",
        },
        "oauth_no_confirm": True,
    }
]
