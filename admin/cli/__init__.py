"""The command line: one module a group of commands; `yibiao --help` lists them."""
