# SPDX-License-Identifier: Apache-2.0
"""A TCP relay on 127.0.0.1 that writes out the reason of "HTTP/1.1 100".

Tomcat 11 (in s3mock) leaves it out, as RFC 9112 allows; Debian 12's AWS CLI then closes the connection.
Usage: continue-relay.py LISTEN_PORT SERVER_PORT
"""
import socket
import sys
import threading


def pump(source, sink, mend):
    try:
        while data := source.recv(65536):
            if mend and data.startswith(b"HTTP/1.1 100 \r\n"):
                data = data.replace(b"HTTP/1.1 100 \r\n", b"HTTP/1.1 100 Continue\r\n", 1)
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def main():
    listen, server = int(sys.argv[1]), int(sys.argv[2])
    with socket.create_server(("127.0.0.1", listen)) as listener:
        while True:
            client, _ = listener.accept()
            upstream = socket.create_connection(("127.0.0.1", server))
            threading.Thread(target=pump, args=(client, upstream, False), daemon=True).start()
            threading.Thread(target=pump, args=(upstream, client, True), daemon=True).start()


main()
