"""A page in Chromium with the network cut: what it asked for, what it complained of, what is cut off on it."""

import contextlib
import functools
import http.server
import threading
from pathlib import Path

from tools.course import ROOT

SCREENSHOTS = Path(ROOT, "build", "screenshots")

# Words, pictures and formulas that can be seen: which of them reach beyond the screen, or beyond what clips them?
CUT_OFF = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT);
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
        const words = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
        if (!words && !["IMG", "svg"].includes(node.tagName)) continue;
        if (!node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        if (node.closest("mjx-assistive-mml, .controls, .aria-status, script, style")) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = node.tagName === "IMG" ? node.getBoundingClientRect() : range.getBoundingClientRect();
        if (!box.width || !box.height) continue;
        let clip = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
        for (let outer = node.parentElement; outer; outer = outer.parentElement) {
            if (!["hidden", "clip"].includes(getComputedStyle(outer).overflowX)) continue;
            const limit = outer.getBoundingClientRect();
            clip = { left: Math.max(clip.left, limit.left), top: Math.max(clip.top, limit.top),
                     right: Math.min(clip.right, limit.right), bottom: Math.min(clip.bottom, limit.bottom) };
        }
        const over = Math.max(clip.left - box.left, clip.top - box.top,
                              box.right - clip.right, box.bottom - clip.bottom);
        if (over > 1.5) found.push(`${node.tagName} ${over.toFixed(0)} px: ${node.textContent.slice(0, 40)}`);
    }
    return found;
}"""


class CutPage:
    """A page of Playwright's `browser` that cannot reach anything but `base`, an address such as "file:///x/".

    Attributes:
        page: Playwright's page.
        complaints: errors of the page, texts.
        outside: addresses beyond `base` that it asked for.
    """

    def __init__(self, browser, base, width=1280, height=720, **options):
        self.context = browser.new_context(viewport={"width": width, "height": height}, **options)
        self.page = self.context.new_page()
        self.base = base
        self.complaints, self.outside = [], []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        self.page.on("request", self._note)
        self.context.route("http*://**/*", self._let_home_through)

    def _note(self, request):
        if not request.url.startswith((self.base, "data:", "blob:", "about:")):
            self.outside.append(request.url)

    def _let_home_through(self, route):
        route.continue_() if route.request.url.startswith(self.base) else route.abort()

    def cut_off(self):
        """What can be seen on the page and is cut off, as texts."""
        return self.page.evaluate(CUT_OFF)

    def screenshot(self, name):
        """Saves what the page shows as build/screenshots/<name>.png."""
        path = SCREENSHOTS / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)

    def close(self):
        """Ends it; fails where the page complained, or asked for anything outside."""
        self.context.close()
        assert not self.complaints, self.complaints
        assert not self.outside, self.outside


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/favicon.ico":  # some browsers ask by themselves, and call it an error of the page
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def served(folder):
    """Serves a folder to this machine alone; yields its address, such as "http://127.0.0.1:8000/"."""
    handler = functools.partial(_Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
