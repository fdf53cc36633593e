"""JupyterLab as a learner uses it: what to wait for, where a cell is, how to type into it.

The page's own application object (`--LabApp.expose_app_in_browser`) says when a kernel takes cells
and what a cell's outputs are. Whatever a learner does with hands is done with mouse and keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from playwright.sync_api import Locator, Page, expect

LOAD_MS = 120_000
RUN_MS = 300_000

expect.set_options(timeout=LOAD_MS)  # of itself 5 s, which a busy machine may take for anything

# The notebook in front, and one of its cells: by its id or by a piece of its source.
_CELL = """
const panel = window.jupyterapp.shell.currentWidget;
const notebook = panel.content;
const index = notebook.widgets.findIndex(
  w => w.model.id === cell || (cell && w.model.sharedModel.getSource().includes(cell)));
"""


class Lab:
    """One page with JupyterLab in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(LOAD_MS)
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def go(self, url: str, *, anew: bool = True) -> None:
        """Open an address of JupyterLab, and wait until its interface stands.

        `anew` closes what earlier pages had left open: JupyterLab opens that again, in its own
        time, and then brings another notebook to the front while a test is at work.
        """
        reset = ("&reset" if "?" in url else "?reset") if anew else ""
        self.page.goto(url + reset, timeout=LOAD_MS)
        self.page.wait_for_function("window.jupyterapp !== undefined", timeout=LOAD_MS)
        self.page.evaluate("window.jupyterapp.restored.then(() => true)")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=LOAD_MS)
        self.page.wait_for_function("!location.search.includes('reset')", timeout=LOAD_MS)

    def wait_for_notebook(self, name: str) -> None:
        """Wait until this notebook is in front and its kernel really takes cells.

        The badge says "idle" a moment before the kernel does; cells run then are lost silently.
        """
        self.page.wait_for_function(
            "name => window.jupyterapp.shell.currentWidget?.context?.path.endsWith(name)",
            arg=name,
            timeout=LOAD_MS,
        )
        self.page.evaluate(
            """async () => {
              const panel = window.jupyterapp.shell.currentWidget;
              await panel.revealed;
              await panel.context.ready;
              await panel.sessionContext.ready;
              await panel.sessionContext.session.kernel.info;
            }"""
        )

    def command(self, name: str, **arguments: Any) -> Any:
        """Run one of JupyterLab's commands, as its menus do, and wait until it is done."""
        return self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def use_theme(self, name: str) -> None:
        """Change JupyterLab's theme, and wait until it is there."""
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_function(
            "name => document.body.dataset.jpThemeName === name", arg=name, timeout=LOAD_MS
        )

    def settle(self) -> None:
        """Let the page lay itself out: two frames, and what they ask for."""
        self.page.evaluate(
            """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
              () => setTimeout(done, 100))))"""
        )

    def save(self) -> None:
        """Ctrl + S, and wait until the server has it."""
        self.page.keyboard.press("ControlOrMeta+s")
        self.page.wait_for_function(
            "!window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=LOAD_MS
        )

    def shut_down(self) -> None:
        """Shut down the kernel of the notebook in front: a page opened later finds none to use."""
        self.page.evaluate(
            "window.jupyterapp.shell.currentWidget.sessionContext.shutdown().then(() => true)"
        )

    # --- cells ---

    def cells(self) -> list[dict[str, Any]]:
        """All cells of the notebook in front, with their outputs."""
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets.map(w => ({
              ...w.model.toJSON(), id: w.model.id, prompt: w.model.executionCount ?? null}))"""
        )

    def saved_cell(self, cell: str) -> dict[str, Any]:
        """A cell as it would be saved, outputs and all."""
        return self.page.evaluate(
            f"cell => {{ {_CELL} return notebook.widgets[index].model.toJSON(); }}", cell
        )

    def cell(self, cell: str, align: str = "center") -> Locator:
        """A cell on the page, scrolled to: `cell` is its id, or a piece of its source."""
        index = self.page.evaluate(
            f"""async ([cell, align]) => {{ {_CELL}
              if (index < 0) throw new Error(`no cell has ${{cell}}`);
              notebook.activeCellIndex = index;
              await notebook.scrollToItem(index, align);
              return index; }}""",
            [cell, align],
        )
        found = self.page.locator(
            f'.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell[data-windowed-list-index="{index}"]'
        )
        found.wait_for()
        return found

    def run_all(self) -> None:
        """*Run All Cells*, and wait for the last one."""
        self.command("notebook:run-all-cells")
        self.wait_until_idle()

    def run(self, cell: str) -> Locator:
        """Run one cell with Shift + Enter, and wait for its new prompt. Returns the cell."""
        found = self.cell(cell)
        before = self.prompt(cell)
        found.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(
            f"""([cell, before]) => {{ {_CELL}
              const model = notebook.widgets[index].model;
              return model.executionState !== 'running' && model.executionCount !== null
                && model.executionCount !== before; }}""",
            arg=[cell, before],
            timeout=RUN_MS,
        )
        self.wait_until_idle()
        return self.cell(cell)

    def wait_until_idle(self) -> None:
        """Wait until the kernel has answered everything asked of it so far."""
        self.page.evaluate(
            """async () => {
              const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
              await kernel.requestKernelInfo();
            }"""
        )

    def prompt(self, cell: str) -> int | None:
        """A cell's execution count."""
        return self.page.evaluate(
            f"cell => {{ {_CELL} return notebook.widgets[index].model.executionCount; }}", cell
        )

    def replace_line(self, cell: str, line: str, new: Sequence[str]) -> None:
        """With mouse and keyboard: click the end of a line in a cell, and type others instead."""
        editor = self.cell(cell).locator(".cm-content")
        where = editor.locator(".cm-line", has_text=line).last
        where.click()
        keyboard = self.page.keyboard
        keyboard.press("End")
        keyboard.press("Shift+Home")  # to the first letter: the indentation stays
        for i, text in enumerate(new):
            if i:
                keyboard.press("Enter")
            keyboard.type(text)
        expect(editor).to_contain_text(new[-1])

    def write(self, cell: str, source: str) -> None:
        """Put this source into a cell, through the notebook's model."""
        self.page.evaluate(
            f"""([cell, source]) => {{ {_CELL}
              notebook.widgets[index].model.sharedModel.setSource(source); }}""",
            [cell, source],
        )

    def insert_below(self, cell: str, source: str) -> str:
        """With the keyboard: a new cell below this one, with one line in it. Returns its id."""
        self.cell(cell).locator(".jp-InputPrompt").click()
        self.page.keyboard.press("b")
        editor = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell.jp-mod-active .cm-content"
        self.page.locator(editor).wait_for()  # made in its own time; keys would be commands
        self.page.keyboard.press("Enter")
        expect(self.page.locator(editor)).to_be_focused()
        self.page.keyboard.type(source)
        expect(self.page.locator(editor)).to_have_text(source)
        return self.page.evaluate(
            "window.jupyterapp.shell.currentWidget.content.activeCell.model.id"
        )


def text_of(output: dict[str, Any]) -> str:
    """A saved output's plain text."""
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return "".join(text)


def troubles(cells: list[dict[str, Any]]) -> Iterator[str]:
    """What in a notebook's outputs no learner should meet: tracebacks and warnings."""
    for cell in cells:
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                yield f"{cell['id']}: {output['ename']}: {output['evalue']}"
            elif output.get("name") == "stderr":
                yield f"{cell['id']}: stderr: {text_of(output)}"


def outside(requests: list[str], root: str) -> list[str]:
    """The requests that went anywhere but to the server at `root`."""
    own = re.compile(rf"(data|blob|about):|{re.escape(root)}/|{re.escape(root)}$")
    return [url for url in requests if not own.match(url.replace("ws://", "http://", 1))]
