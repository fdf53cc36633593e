"""The commands of `attn`, a module for each kind of user; thin, for the work is done elsewhere."""
