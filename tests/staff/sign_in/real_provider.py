"""Runs an oidc-provider-mock until it is killed; its first line says where."""

import sys
import threading

import oidc_provider_mock

if __name__ == "__main__":
    with oidc_provider_mock.run_server_in_thread() as server:
        sys.stdout.write(f"http://localhost:{server.server_port}\n")
        sys.stdout.flush()
        threading.Event().wait()
