"""Stores on Amazon S3, and on servers that speak its language.

Only boto3 and what it is made of are used, and imported with the first request.
"""

from __future__ import annotations

from jobtui_core.stores.s3.store import S3Store

__all__ = ["S3Store"]
