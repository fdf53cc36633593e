// node in_node.mjs PYODIDE ARCHIVES COMPILED SCRIPT TODO: Python's files in archives, compiled by the Pyodide of a
// folder. TODO is JSON: what becomes of which archive. PYTHONHASHSEED: the same bytes each time.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [home, archives, compiled, script, todo] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(home, "pyodide.mjs")));
const python = await loadPyodide({ indexURL: home + "/", env: { PYTHONHASHSEED: "0" } });
for (const [place, folder] of [["/archives", archives], ["/compiled", compiled]]) {
  python.FS.mkdirTree(place);
  python.mountNodeFS(place, folder);
}
python.runPython(readFileSync(script, "utf8"));
python.globals.get("compile_all")("/archives", "/compiled", todo);
