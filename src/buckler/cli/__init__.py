"""The command line: parse, call app, print. One file per command."""
