"""The error tree says the same things everywhere, and never the machine's own words."""

import errno
import os

import pytest

from jupyter_nodeapi import errors
from jupyter_nodeapi.disk.faults import from_os_error


def every_error():
    return [getattr(errors, name) for name in errors.__all__ if isinstance(getattr(errors, name), type)]


@pytest.mark.parametrize("kind", every_error())
def test_each_error_has_a_status_a_code_and_a_sentence(kind):
    made = kind()
    assert 400 <= made.status <= 507
    assert made.code
    assert made.message.endswith(".")


def test_only_the_root_of_the_tree_is_a_bug_of_ours():
    assert [kind for kind in every_error() if kind.status == 500] == [errors.NodeApiError]


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (errno.ENOSPC, 507),
        (errno.EDQUOT, 507),
        (errno.EROFS, 403),
        (errno.EACCES, 403),
        (errno.EMFILE, 503),
        (errno.ENAMETOOLONG, 400),
        (errno.ENOTDIR, 400),
        (errno.ELOOP, 400),
        (errno.ENOENT, 404),
        (errno.EEXIST, 409),
        (errno.ENOTEMPTY, 409),
    ],
)
def test_an_error_of_the_machine_becomes_the_apis_and_loses_its_path(number, status):
    error = from_os_error(OSError(number, os.strerror(number), "/secret/place"))
    assert error.status == status
    assert "/secret" not in error.message + (error.hint or "")


def test_a_nul_byte_or_a_surrogate_is_a_bad_path():
    assert from_os_error(ValueError("embedded null byte")).status == 400


def test_an_unknown_error_of_the_machine_is_a_bug_of_ours():
    assert from_os_error(OSError("odd")).status == 500
