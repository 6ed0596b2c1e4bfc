"""Ends code that runs too long, in the middle of a line if need be, without a second process.

On Linux and macOS, in the main thread (where a notebook's cells run), a timer's signal raises `OutOfTime` inside the
code. On Windows and in other threads a watching thread asks Python to raise it. Both raise again and again until the
code gives up, so that a bare `except:` cannot swallow the end; in the end every further line raises. Neither can
interrupt one long call into compiled code.
"""

import ctypes
import signal
import sys
import threading

# Seconds between two attempts. A thread needs many: its exception strikes where Python hands over to another thread,
# most often inside the `try` that swallows it.
_AGAIN, _THREAD_AGAIN = 0.1, 0.002


class OutOfTime(BaseException):
    """Raised inside code that ran too long; no `Exception`, so that `except Exception:` lets it through."""


def call_within(seconds, function):
    """Return `function()`, or raise `OutOfTime` in it after `seconds`.

    The exception may strike while the clock itself is being stopped: hence the second `stop`.
    """
    in_main = threading.current_thread() is threading.main_thread()
    clock = _SignalClock() if in_main and hasattr(signal, "setitimer") else _ThreadClock()
    try:
        try:
            clock.start(seconds)
            return function()
        finally:
            clock.stop()
    except OutOfTime:
        clock.stop()
        raise


class _Clock:
    """What both clocks share: from the second ring on, every further line of the code raises."""

    def __init__(self):
        self._running, self._rings, self._trace = False, 0, None

    def start(self, seconds):
        self._trace, self._running = sys.gettrace(), True

    def stop(self):
        self._running = False
        if self._rings > 1:
            sys.settrace(self._trace)

    def _rung(self, frame):
        """Count a ring, in the thread that it is meant for, while `frame` runs."""
        self._rings += 1
        if self._rings > 1:  # the first was swallowed: `while True: try: sleep() except: pass`
            sys.settrace(self._refuse)
            while frame and frame.f_code.co_filename != __file__:
                frame.f_trace = self._refuse
                frame = frame.f_back

    def _refuse(self, frame, event, argument):
        # Python drops a trace function that raises, so it keeps still while the exception itself passes by.
        if self._running and event == "line" and frame.f_code.co_filename != __file__:
            raise OutOfTime
        return self._refuse


class _SignalClock(_Clock):
    """Timer and signal."""

    _saved = None

    def start(self, seconds):
        super().start(seconds)
        handler = signal.getsignal(signal.SIGALRM)
        self._saved = (handler or signal.SIG_DFL, signal.getitimer(signal.ITIMER_REAL))
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)

    def stop(self):
        super().stop()
        if self._saved:
            handler, timer = self._saved
            signal.setitimer(signal.ITIMER_REAL, *timer)
            signal.signal(signal.SIGALRM, handler)

    def _ring(self, _number, frame):
        if self._running:
            self._rung(frame)
            raise OutOfTime


class _ThreadClock(_Clock):
    """A thread that watches this one and raises in it through Python's C interface."""

    def __init__(self):
        super().__init__()
        self._thread, self._lock, self._over = threading.get_ident(), threading.Lock(), threading.Event()

    def start(self, seconds):
        super().start(seconds)
        threading.Thread(target=self._watch, args=(seconds,), daemon=True).start()

    def stop(self):
        self._over.set()
        with self._lock:  # take back an exception that was ordered and not yet delivered
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), None)
        super().stop()

    def _ring(self):
        """The exception to raise. Python makes it in the thread that it strikes: only from there can lines be watched.

        Without that, Python 3.10 would not end `while True: try: ... except: pass`: nothing strikes between its rounds.
        """
        clock = self

        class Ring(OutOfTime):
            def __init__(self):
                if clock._running:
                    clock._rung(sys._getframe(1))

        return Ring

    def _watch(self, seconds):
        wait, order = seconds, ctypes.py_object(self._ring())
        while not self._over.wait(wait):
            with self._lock:
                if not self._over.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self._thread), order)
            wait = _THREAD_AGAIN
