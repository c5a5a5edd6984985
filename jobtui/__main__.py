"""``python -m jobtui``."""

from jobtui.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
