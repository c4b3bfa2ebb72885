import pytest

from ionspice.core import RunError
from ionspice.electrolytes.environment.extra import check_extra


def test_a_missing_package_is_named_with_the_remedy():
    check_extra("json")
    with pytest.raises(RunError, match=r"no_such_package is not installed .*make atomistic"):
        check_extra("json", "no_such_package")
