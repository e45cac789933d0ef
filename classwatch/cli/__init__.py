"""One file per command: parse, build a configuration, call the library, print."""
