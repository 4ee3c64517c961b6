"""A receiver of alerts: prints the body of each request in a line. It runs in a container."""

from http.server import BaseHTTPRequestHandler, HTTPServer


class Receiver(BaseHTTPRequestHandler):
    """Prints what it is sent."""

    def do_POST(self) -> None:
        """Take a request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(body.decode(), flush=True)  # noqa: T201 - the log is what the test reads
        self.send_response(200)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("", 8000), Receiver).serve_forever()
