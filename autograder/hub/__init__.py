"""A JupyterHub for a class: its configuration, and what it reads from `hub.toml`."""
