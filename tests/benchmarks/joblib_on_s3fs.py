"""joblib's Memory on S3 as people had it: a backend on s3fs, made as sparing as it can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import joblib
import s3fs
from joblib._store_backends import StoreBackendBase, StoreBackendMixin

__all__ = ["memory_on"]


class S3Backend(StoreBackendBase, StoreBackendMixin):
    """Files and folders of joblib's in a bucket."""

    def _open_item(self, path: str, mode: str) -> Any:
        return self.storage.open(path, mode)

    def _item_exists(self, path: str) -> bool:
        self.storage.invalidate_cache(path)
        return bool(self.storage.exists(path))

    def _move_item(self, source: str, target: str) -> None:
        self.storage.mv(source, target)

    def clear_location(self, location: str) -> None:
        """Delete a folder."""
        self.storage.rm(location, recursive=True)

    def create_location(self, location: str) -> None:
        """Make nothing: S3 has no folders, and to look for them costs joblib tens of requests."""

    def get_items(self) -> list[Any]:
        """Give nothing, as it did."""
        return []

    def configure(
        self, location: str, verbose: int = 0, backend_options: Mapping[str, Any] = {}
    ) -> None:
        """Connect."""
        self.compress = False
        self.mmap_mode = None
        self.verbose = verbose
        self.backend_options = {"compress": False, "mmap_mode": None}
        self.storage = s3fs.S3FileSystem(
            client_kwargs={"endpoint_url": backend_options["endpoint_url"]},
            skip_instance_cache=True,
        )
        self.location = location


joblib.register_store_backend("s3fs", S3Backend)


def memory_on(place: str, endpoint: str) -> joblib.Memory:
    """Give joblib's Memory at ``bucket/prefix`` of a server."""
    return joblib.Memory(
        place, backend="s3fs", backend_options={"endpoint_url": endpoint}, verbose=0
    )
