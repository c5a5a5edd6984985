"""The Python files of a project's folder: found, ignored as by git, read again when changed."""
