"""What a run of the reactor leaves behind it."""

import subprocess
import sys

# As hrwatch does around every command; one process has one run of the reactor.
RUN = """
import signal
from crawler.polling.runner import run_until_done

async def main(stopping):
    assert signal.getsignal(signal.SIGTERM) is not signal.default_int_handler
    return "done"

signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
signal.signal(signal.SIGTERM, signal.default_int_handler)
print(run_until_done(main))
print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)
signal.raise_signal(signal.SIGTERM)
"""


def test_after_the_reactor_a_stop_ends_the_command_in_good_order() -> None:
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["done", "True"]
    assert done.stderr.splitlines()[-1] == "KeyboardInterrupt"
