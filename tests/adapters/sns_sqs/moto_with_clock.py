"""moto's server, unchanged but for two things around it that a test of leases needs.

    moto_with_clock.py <file with an offset in seconds, a double> <arguments of moto_server>...

Its clock: the offset in the file, plus a twentieth of the time that really passes. So leases end when the test says so and
not when the machine is busy; and it does move by itself, because moto shows a message only after the instant from which
it is visible.

Its threads take turns only where they wait: moto's queues have no locks, and lose what arrives while something is removed.
"""
import datetime
import mmap
import struct
import sys
import time

sys.setswitchinterval(10)

import moto.core.utils  # noqa: E402
import moto.server  # noqa: E402

PACE = 0.05
# Mapped, because reading a file would let another thread take its turn.
with open(sys.argv[1], "rb") as file:
    offset = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)
wall_start, start = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None), time.monotonic()


def utcnow():
    passed = (time.monotonic() - start) * PACE + struct.unpack_from("d", offset)[0]
    return wall_start + datetime.timedelta(seconds=passed)


moto.core.utils.utcnow = utcnow
moto.server.main(sys.argv[2:])
