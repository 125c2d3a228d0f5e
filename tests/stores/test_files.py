"""Files of real servers of S3, of Google's protocol and of HDFS: found, read, written whole or not at all, removed."""

import fsspec
import pytest
from stores.conftest import Store

from xlnet_data.errors import CorpusError, ShardError
from xlnet_data.files.moving import list_names, move_file, remove_file, remove_folder, remove_partial
from xlnet_data.files.opening import read_blocks
from xlnet_data.files.ranges import InputFile, list_files
from xlnet_data.files.stores import PART_BYTES, version_of
from xlnet_data.files.writing import HashingFile, atomic_write

pytestmark = pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")  # gcsfs does so


def put(url: str, content: bytes) -> None:
    with atomic_write(url) as file:
        file.write(content)


def put_more(file: HashingFile) -> int:
    """Write more than is sent at a time."""
    return file.write(bytes(PART_BYTES)) + file.write(b"end")


def test_what_was_written_is_found_by_globs_and_read_from_any_byte(store: Store) -> None:
    for name in ("a/1.txt", "b/c/2.txt", "b/.hidden.txt", "b/3.md", "[1].txt"):
        put(f"{store.bucket}/found/{name}", name.encode() * 1000)
    root = f"{store.bucket}/found"
    assert list_files([f"{root}/**/*.txt"], "/") == [
        InputFile(f"{root}/[1].txt", "[1].txt", 7000),
        InputFile(f"{root}/a/1.txt", "a/1.txt", 7000),
        InputFile(f"{root}/b/c/2.txt", "b/c/2.txt", 9000),
    ]
    assert b"".join(read_blocks(f"{root}/a/1.txt", 6998)) == b"xt"
    assert [file.file_id for file in list_files([f"{root}/[1].txt", f"{root}/b/[0-9].*"], "/")] == ["[1].txt", "b/3.md"]
    with pytest.raises(CorpusError, match="no file matches"):
        list_files([f"{root}/b"], "/")


def test_a_file_that_is_written_again_is_another_version(store: Store) -> None:
    url = f"{store.bucket}/versions/a.txt"
    put(url, b"one")
    first = version_of(url)
    assert version_of(url) == first
    put(url, b"two")
    assert version_of(url) not in (first, None)
    remove_file(url)
    assert version_of(url) is None


def test_an_object_appears_whole_at_the_end_and_never_if_writing_fails(store: Store) -> None:
    url = f"{store.bucket}/whole/shard"
    with pytest.raises(TypeError), atomic_write(url) as file:
        put_more(file) / None  # type: ignore[operator]
    assert list_names(f"{store.bucket}/whole") == []
    with atomic_write(url) as file:
        put_more(file)
        assert "shard" not in list_names(f"{store.bucket}/whole")
    assert list_files([url], "/")[0].size == PART_BYTES + 3
    assert b"".join(read_blocks(url, PART_BYTES)) == b"end"
    put(url, b"by a task that is done again")
    assert list_names(f"{store.bucket}/whole") == ["shard"]
    put(f"{store.bucket}/moved/train/shard", b"old")
    for _ in range(2):  # the second time it is there already
        move_file(url, f"{store.bucket}/moved/train/shard")
    assert list_files([f"{store.bucket}/moved/train/*"], "/")[0].size == len(b"by a task that is done again")
    assert list_names(f"{store.bucket}/whole") == []
    assert list_names(f"{store.bucket}/moved") == ["train/shard"]
    remove_file(f"{store.bucket}/moved/train/shard")
    remove_folder(f"{store.bucket}/moved")
    assert list_names(f"{store.bucket}/moved") == []


@pytest.mark.parametrize("store", ["s3"], indirect=True)
def test_the_uploads_of_a_writer_that_was_killed_are_given_up(store: Store) -> None:
    client = fsspec.filesystem("s3")
    for name in ("dataset/train/shard", "dataset-2/train/shard"):
        upload = client.call_s3("create_multipart_upload", Bucket="bucket", Key=name)
        part = {"Key": name, "UploadId": upload["UploadId"], "PartNumber": 1, "Body": b"text"}
        client.call_s3("upload_part", Bucket="bucket", **part)
    remove_partial(f"{store.bucket}/dataset")
    left = client.call_s3("list_multipart_uploads", Bucket="bucket")["Uploads"]
    assert [upload["Key"] for upload in left] == ["dataset-2/train/shard"]
    remove_partial(f"{store.bucket}/dataset-2")


@pytest.mark.parametrize("store", ["s3", "gs"], indirect=True)
def test_a_bucket_that_is_not_there_is_named(store: Store) -> None:
    scheme = store.bucket.partition(":")[0]
    with pytest.raises(CorpusError, match=f"cannot open {scheme}://absent/a: .*[Bb]ucket"):
        list(read_blocks(f"{scheme}://absent/a"))
    with pytest.raises(ShardError, match=f"cannot write {scheme}://absent/a: .*[Bb]ucket"):
        put(f"{scheme}://absent/a", b"text")
