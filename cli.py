"""Run classwatch from a checkout: ``python cli.py analyze ...`` is ``classwatch analyze ...``."""

from classwatch.cli import main

if __name__ == "__main__":
    main()
