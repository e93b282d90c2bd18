# requires: eventlet dnspython
import eventlet

eventlet.monkey_patch()

import socket

print(sum(eventlet.GreenPool().imap(lambda x: x * 2, range(5))), socket.getaddrinfo("127.0.0.1", 80)[0][4])
queue = eventlet.Queue()
eventlet.spawn(queue.put, 3)
print(queue.get())
