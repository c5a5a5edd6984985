"""The demo: a small project on a real record, shipped with the package."""

from jobtui.demo.create import TEMPLATE, create_demo

__all__ = ["TEMPLATE", "create_demo"]
