"""``python -m insights``."""

from insights.cli import main

if __name__ == "__main__":
    main()
