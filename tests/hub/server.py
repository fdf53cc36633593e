"""A real JupyterHub on such a machine, with its proxy, and learners at nbgrader's own services."""

from __future__ import annotations

import contextlib
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from tests.browser.server import end_group, free_port
from tests.hub.machine import ROOT, Machine
from tests.hub.proxy import program

START_SECONDS = 300
HUB = ROOT / "autograder" / "hub"


class Hub:
    """A hub that runs; `api` is its own interface, with the rights to start anybody's server."""

    def __init__(self, machine: Machine, settings: Path, port: int, token: str) -> None:
        self.machine, self.settings, self.token = machine, settings, token
        self.url = f"http://127.0.0.1:{port}"
        self.log = settings.parent / "hub.log"

    def api(self, method: str, path: str, **told: Any) -> requests.Response:
        return requests.request(
            method, f"{self.url}/hub/api/{path}", headers={"Authorization": f"token {self.token}"},
            json=told, timeout=120,
        )  # fmt: skip

    def start(self, name: str) -> Learner:
        """Start somebody's own server, and wait until it is up."""
        assert self.api("post", f"users/{name}/server").status_code in (201, 202)
        end = time.monotonic() + START_SECONDS
        while not self.api("get", f"users/{name}").json()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < end, f"{name}'s server did not start:\n{self.said()}"
            time.sleep(0.2)
        return self.learner(name)

    def learner(self, name: str) -> Learner:
        """Somebody whose server is up, with a token of theirs for it."""
        answer = self.api("post", f"users/{name}/tokens")
        assert answer.status_code == 201, answer.text
        return Learner(name, f"{self.url}/user/{name}", answer.json()["token"])

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")[-6000:]


class Learner:
    """Somebody on their own server: what JupyterLab and nbgrader's extensions ask it for."""

    def __init__(self, name: str, url: str, token: str) -> None:
        self.name, self.url = name, url
        self.headers = {"Authorization": f"token {token}"}

    def get(self, path: str) -> requests.Response:
        return requests.get(f"{self.url}/{path}", headers=self.headers, timeout=120)

    def exchange(self, what: str, course: str, lesson: str) -> Any:
        """Fetch, submit or fetch_feedback, as the button in Assignment List does it."""
        answer = requests.post(
            f"{self.url}/assignments/{what}", headers=self.headers, timeout=300,
            data={"course_id": course, "assignment_id": lesson},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["success"], told
        return told["value"]

    def validate(self, path: str) -> Any:
        """What the button Validate answers."""
        answer = requests.post(
            f"{self.url}/assignments/validate",
            headers=self.headers,
            timeout=300,
            data={"path": path},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def write(self, path: str, notebook: Any) -> None:
        """Save a notebook, as Ctrl + S does."""
        answer = requests.put(
            f"{self.url}/api/contents/{path}", headers=self.headers, timeout=120,
            json={"type": "notebook", "format": "json", "content": notebook},
        )  # fmt: skip
        assert answer.status_code in (200, 201), answer.text

    def read(self, path: str) -> Any:
        return self.get(f"api/contents/{path}").json()["content"]


@contextlib.contextmanager
def running(machine: Machine, settings: Path) -> Iterator[Hub]:
    """Start the hub as its README says, with ports of its own; end it and all that it started."""
    ports: set[int] = set()
    while len(ports) < 3:
        ports.add(free_port())
    port, hub_port, api_port = ports
    token = secrets.token_hex(16)
    own = settings.with_name("tests_config.py")
    own.write_text(
        f"""
load_subconfig({str(HUB / "jupyterhub_config.py")!r})
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.Spawner.start_timeout = c.Spawner.http_timeout = {START_SECONDS}
c.ConfigurableHTTPProxy.command = [{str(program())!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.JupyterHub.services[0]["command"].append("--LabApp.expose_app_in_browser=True")
c.JupyterHub.services.append({{"name": "tests", "api_token": {token!r}}})
c.JupyterHub.load_roles.append(
    {{"name": "tests", "services": ["tests"], "scopes": ["admin:users", "admin:servers", "tokens"]}}
)
""",
        encoding="utf-8",
    )
    hub = Hub(machine, settings, port, token)
    with hub.log.open("w") as log:
        process = subprocess.Popen(
            machine.command(None, ["jupyterhub", "--config", own]),
            env=machine.environment(None), stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        _wait(hub, process)
        yield hub
    except BaseException:
        print(hub.said())
        raise
    finally:
        end_group(process)


def _wait(hub: Hub, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            if hub.api("get", "").ok:
                return
        time.sleep(0.2)
    raise AssertionError(f"The hub did not start:\n{hub.said()}")
