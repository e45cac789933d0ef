"""``python -m classwatch`` is ``classwatch``."""

from classwatch.cli import main

if __name__ == "__main__":
    main()
