"""A proxy that connects to this machine whatever host is asked for (RFC 9110 section 9.3.6). Standard library alone.

usage: connect.py PORT LOG      Every line of LOG is the authority of a request.
"""

import socket
import sys
import threading


def pump(source, target):
    try:
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client, log):
    head = b""
    while b"\r\n\r\n" not in head:
        piece = client.recv(4096)
        if not piece:
            return
        head += piece
    method, authority, _ = head.decode().split(" ", 2)
    with open(log, "a") as file:
        file.write(f"{method} {authority}\n")
    upstream = socket.create_connection(("127.0.0.1", int(authority.rsplit(":", 1)[1])))
    client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
    threading.Thread(target=pump, args=(client, upstream), daemon=True).start()
    pump(upstream, client)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(listener.accept()[0], sys.argv[2]), daemon=True).start()
