"""Runs an oidc-provider-mock until it is killed, from the moment TEST_CLOCK on; its first line says where."""

import os
import sys
import threading

import oidc_provider_mock
import time_machine

if __name__ == "__main__":
    moved = time_machine.travel(os.environ["TEST_CLOCK"], tick=True)
    with moved, oidc_provider_mock.run_server_in_thread() as server:
        sys.stdout.write(f"http://localhost:{server.server_port}\n")
        sys.stdout.flush()
        threading.Event().wait()
