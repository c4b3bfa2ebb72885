import os
import signal

import pytest

from ionspice.core.signals import StoppedError, deferred, ending_politely, kept

ENDING = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


@pytest.fixture(autouse=True)
def _heeded():
    """Heed signals that a shell makes its background jobs ignore; the program would leave them ignored."""
    ignored = [number for number in ENDING if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.default_int_handler)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.mark.parametrize("number", ENDING)
def test_the_first_signal_is_raised_and_handlers_come_back(number):
    before = signal.getsignal(number)
    with pytest.raises(StoppedError, match=f"stopped by {number.name}"), ending_politely():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", ENDING)
def test_a_loop_may_end_by_itself(number):
    with ending_politely(), deferred() as request:
        os.kill(os.getpid(), number)
        assert request.wait(10)
        assert request.name == number.name


def test_a_library_keeps_its_handlers_to_itself():
    before = signal.getsignal(signal.SIGHUP)
    with kept():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGHUP) is before


def test_a_stop_is_no_failure_that_code_may_go_on_from():
    assert not issubclass(StoppedError, Exception)
