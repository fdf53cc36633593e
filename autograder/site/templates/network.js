// Python and its packages come from Pyodide's network; what is the course's own comes from here.
importScripts("{{ network }}pyodide.js");
const load = self.loadPyodide;
self.loadPyodide = async (options) => {
  const here = options.indexURL;
  const lock = await (await fetch(`${here}pyodide-lock.json`)).json();
  for (const name of {{ own }}) {
    lock.packages[name].file_name = here + lock.packages[name].file_name;
  }
  const lockFileURL = URL.createObjectURL(new Blob([JSON.stringify(lock)]));
  return load({ ...options, indexURL: "{{ network }}", lockFileURL });
};
