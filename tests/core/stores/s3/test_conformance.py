"""A store on a real server does what all stores do."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from jobtui_core.stores import Store
from jobtui_core.stores.s3 import S3Store
from jobtui_core.testing import StoreConformance


class TestS3Store(StoreConformance):
    examples = 4

    @pytest.fixture(autouse=True)
    def _server(self, s3_server, s3_bucket, s3_environment):
        self.client = s3_server.client()
        self.bucket = s3_bucket

    def create(self, folder: Path) -> Store:
        return S3Store(f"s3://{self.bucket}/{uuid.uuid4().hex}")

    def read_raw(self, store: Store, name: str) -> bytes | None:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=self._key(store, name))
        except self.client.exceptions.NoSuchKey:
            return None
        return answer["Body"].read()

    def write_raw(self, store: Store, name: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=self._key(store, name), Body=data)

    def _key(self, store: Store, name: str) -> str:
        return f"{store.url.removeprefix(f's3://{self.bucket}/')}/{name}"
