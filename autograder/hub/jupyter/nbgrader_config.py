"""What nbgrader's tools have to know on a hub: which class this is, and where its exchange is.

Read by every server of the hub, since `jupyterhub_config.py` puts this folder on Jupyter's path.
"""

# ruff: noqa: F821
from __future__ import annotations

from autograder.hub.settings import read_settings

hub = read_settings()

c = get_config()  # type: ignore[name-defined]
c.CourseDirectory.course_id = hub.course
c.Exchange.root = str(hub.exchange)
