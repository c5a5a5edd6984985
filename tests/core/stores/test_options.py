"""What a store is opened with beyond its URL, and that secrets stay out of URLs and settings."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from jobtui_core import Memory
from jobtui_core.errors import ConfigurationError, StoreError
from jobtui_core.memory.place import place_of, store_at
from jobtui_core.root import load_config
from jobtui_core.stores import Store, StoreAround, open_store
from jobtui_core.stores.tiered import TieredStore
from jobtui_core.tracing.sharing.told import shared_folder
from tests.core.remote import FarStore


def far(store: Store | None) -> FarStore:
    """Give the innermost store."""
    while isinstance(store, StoreAround) and not isinstance(store, FarStore):
        store = store.inner
    assert isinstance(store, FarStore)
    return store


def settings(root: Path, text: str) -> Path:
    (root / "jobtui.toml").write_text(text)
    return root


class TestGivenOptions:
    def test_they_are_keyword_arguments_of_the_class(self) -> None:
        store = far(open_store("far://a", options={"profile": "lab", "timeout": 5}))
        assert (store.profile, store.timeout, store.retries) == ("lab", 5, 3)

    def test_an_unknown_one_is_named_with_the_nearest_known(self) -> None:
        with pytest.raises(ConfigurationError, match="'proflie'; did you mean 'profile'"):
            open_store("far://a", options={"proflie": "lab"})

    @pytest.mark.parametrize(
        "options", [{"retries": "many"}, {"retries": True}, {"profile": 3}, {"timeout": None}]
    )
    def test_one_of_the_wrong_type_is_named(self, options: dict[str, object]) -> None:
        with pytest.raises(ConfigurationError, match=f"option '{min(options)}' of far://a is"):
            open_store("far://a", options=options)

    def test_a_secret_of_the_wrong_type_is_not_repeated(self) -> None:
        with pytest.raises(ConfigurationError) as caught:
            open_store("far://a", options={"secret": 12345678})
        assert "12345678" not in str(caught.value)

    def test_places_of_this_machine_have_none(self) -> None:
        with pytest.raises(ConfigurationError, match="memory: URL has no options"):
            open_store("memory://a", options={"profile": "lab"})

    @pytest.mark.parametrize("size", ["much", -1, None])
    def test_the_size_of_a_tier_is_checked(self, tmp_path: Path, size: object) -> None:
        with pytest.raises(ConfigurationError, match="tier_size"):
            open_store("far://a", options={"tier": str(tmp_path), "tier_size": size})


class TestSettings:
    def test_they_count_by_the_beginning_of_a_url(self, tmp_path: Path) -> None:
        root = settings(
            tmp_path,
            '[stores."far://lab"]\nprofile = "lab"\nretries = 1\n'
            '[stores."FAR://lab/deep/"]\nretries = 7\n',
        )
        assert far(open_store("far://lab", root)).profile == "lab"
        deep = far(open_store("far://lab/deep/er", root))
        assert (deep.profile, deep.retries) == ("lab", 7)

    def test_a_scheme_alone_is_the_beginning_of_all_its_urls(self, tmp_path: Path) -> None:
        root = settings(tmp_path, '[stores."far://"]\nprofile = "lab"\n')
        assert far(open_store("far://any", root)).profile == "lab"

    def test_a_name_that_only_begins_alike_is_another_one(self, tmp_path: Path) -> None:
        root = settings(tmp_path, '[stores."far://lab"]\nprofile = "lab"\n')
        assert far(open_store("far://labour", root)).profile is None

    def test_what_is_given_outweighs_them(self, tmp_path: Path) -> None:
        root = settings(tmp_path, '[stores."far://lab"]\nprofile = "lab"\nretries = 1\n')
        store = far(open_store("far://lab", root, {"profile": "mine"}))
        assert (store.profile, store.retries) == ("mine", 1)

    def test_pyproject_has_them_too(self, tmp_path: Path) -> None:
        text = '[tool.jobtui.stores."far://lab"]\nprofile = "lab"\n'
        (tmp_path / "pyproject.toml").write_text(text)
        assert far(open_store("far://lab", tmp_path)).profile == "lab"

    def test_a_memory_heeds_those_of_the_project(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings(tmp_path, '[stores."far://lab"]\nprofile = "lab"\n')
        monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
        assert far(Memory("far://lab/cache").store).profile == "lab"

    def test_unknown_options_are_named_when_the_store_is_opened(self, tmp_path: Path) -> None:
        root = settings(tmp_path, '[stores."far://lab"]\nprofil = "lab"\n')
        with pytest.raises(ConfigurationError, match="'profil'; did you mean 'profile'"):
            open_store("far://lab", root)

    @pytest.mark.parametrize(
        "line",
        [
            'aws_secret_access_key = "hunter2"',
            'aws_access_key_id = "hunter2"',
            'aws-session-token = "hunter2"',
            'key = "hunter2"',
            'secret = "hunter2"',
            'password = "hunter2"',
            'account_key = "hunter2"',
            'client_kwargs = {aws_secret_access_key = "hunter2"}',
            'endpoint_url = "https://me:hunter2@example.org"',
        ],
    )
    def test_secrets_are_refused_with_where_they_belong(self, tmp_path: Path, line: str) -> None:
        settings(tmp_path, f'[stores."s3://lab"]\n{line}\n')
        with pytest.raises(ConfigurationError, match="AWS_SECRET_ACCESS_KEY") as caught:
            load_config(tmp_path)
        assert "hunter2" not in str(caught.value)
        assert str(tmp_path / "jobtui.toml") in str(caught.value)

    @pytest.mark.parametrize(
        "line", ['key_filename = "~/.ssh/id"', 'sse_kms_key_id = "k"', 'profile = "keys"']
    )
    def test_names_of_secrets_are_none(self, tmp_path: Path, line: str) -> None:
        settings(tmp_path, f'[stores."s3://lab"]\n{line}\n')
        assert load_config(tmp_path).stores["s3://lab"]

    @pytest.mark.parametrize(
        "text",
        [
            "stores = 3",
            '[stores]\n"s3://lab" = 3',
            "[stores.lab]\nprofile = 'x'",
            '[stores."s3://lab"]\nwhen = 2020-01-01',
        ],
    )
    def test_what_is_no_table_of_options_is_refused(self, tmp_path: Path, text: str) -> None:
        with pytest.raises(ConfigurationError, match=r"jobtui\.toml: .*stores"):
            load_config(settings(tmp_path, text))


class TestUrls:
    @pytest.mark.parametrize(
        "url",
        [
            "s3://AKIA0:hunter2@bucket/a",
            "s3://hunter2@bucket/a",
            "far://me:hunter2@host/a",
            "far://host/a?password=hunter2",
            "far://host/a?x=1&X-Amz-Signature=hunter2",
            "far://host/a?sig=hunter2",
            "far://[hunter2/a",
        ],
    )
    @pytest.mark.parametrize("backend", ["local", "far"])
    def test_credentials_in_one_are_refused_and_not_repeated(self, url: str, backend: str) -> None:
        for opened in (lambda: open_store(url), lambda: Memory(url, backend=backend)):
            with pytest.raises(StoreError) as caught:
                opened()
            assert "hunter2" not in f"{caught.value!r} {caught.value}"

    def test_a_users_name_is_none(self) -> None:
        assert open_store("far://me@host/a").url == "far://me@host/a"


class TestBucket:
    def test_a_location_on_s3_needs_one(self) -> None:
        with pytest.raises(ValueError, match="needs a bucket"):
            Memory("joblib_cache", backend="s3")
        with pytest.raises(ValueError, match="needs a bucket"):
            Memory("joblib_cache", backend="s3", backend_options={"profile": "lab"})


class TestOtherProcesses:
    def test_options_travel(self) -> None:
        store = open_store("far://travel", options={"profile": "lab"})
        again = far(store_at(pickle.loads(pickle.dumps(place_of(store)))))
        assert (again.url, again.profile) == ("far://travel", "lab")

    def test_a_memory_and_its_functions_take_their_options_along(self) -> None:
        memory = Memory("far://travel", backend_options={"profile": "lab"}, verbose=0)
        for one in (memory, memory.cache(len)):
            again = pickle.loads(pickle.dumps(one))
            store = again.store if isinstance(again, Memory) else again.store_backend
            assert far(store).profile == "lab"
            assert store.url == "far://travel/jobtui"

    def test_secrets_and_sessions_do_not_travel(self) -> None:
        options = {"secret": "hunter2", "session": lambda: None, "profile": "lab"}
        memory = Memory("far://travel", backend_options=options, verbose=0)
        assert far(memory.store).secret == "hunter2"
        for one in (memory, memory.cache(len)):
            data = pickle.dumps(one)
            assert b"hunter2" not in data
            assert b"lab" in data
        assert "hunter2" not in f"{memory!r} {memory.store!r}"

    def test_a_relative_tier_is_meant_from_here(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        memory = Memory("far://tier", backend_options={"tier": "near"}, verbose=0)
        assert memory.store is not None
        assert memory.store.options["tier"] == str(tmp_path / "near")


def test_two_servers_with_buckets_of_one_name_have_copies_of_their_own(tmp_path: Path) -> None:
    servers = ("http://one.example.org", "http://two.example.org")
    near = set()
    for server in (*servers, servers[0]):
        options = {"endpoint_url": server, "tier": str(tmp_path / "tier")}
        store = open_store("s3://bucket/results", options=options, spool=tmp_path / "spool")
        assert isinstance(store, TieredStore)
        near.add(store.near.url)
        near.add(str(shared_folder(tmp_path, store)))
    assert len(near) == 4
