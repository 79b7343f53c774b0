# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Jupyter kernel: its process, and what is said to it and by it."""

from gi.repository import GLib, GObject

from .channels import Channels
from .connection import Connection
from .heartbeat import Heartbeat
from .process import Process
from .request import Request
from .wire import Session

# how long a kernel may take to end when it is asked to
PATIENCE_MS = 5000


class Kernel(GObject.Object):
    """A kernel in the main loop.

    Its property “state” is “off”, “starting”, “idle”, “busy”, “ending” or “dead”. “published” brings whatever it
    makes public, with the id of the request that it is due to; “asked” a question of input (), likewise, which
    answer () answers; “died” why it has ended by itself; and “rejected” why a message was not taken.
    """

    __gsignals__ = {
        'published': (GObject.SignalFlags.RUN_LAST, None, (str, object)),
        'asked': (GObject.SignalFlags.RUN_LAST, None, (str, str, bool)),
        'died': (GObject.SignalFlags.RUN_LAST, None, (str,)),
        'rejected': (GObject.SignalFlags.RUN_LAST, None, (str, str)),
    }

    state = GObject.Property(type=str, default='off')
    responding = GObject.Property(type=bool, default=True)

    def __init__(self, spec):
        super().__init__()
        self.spec = spec
        self.info = {}
        self.connection = None
        self.channels = None
        self.heartbeat = None
        self.process = None
        # why it has ended, when it did so by itself
        self.why = None
        self.deadline = 0
        self.is_to_start = False
        self.is_heard = False
        self.requests = {}
        self.question = None

    # Its life

    def start(self):
        """Starts the process. The state becomes “idle” when it can be asked, or “dead”."""
        self.is_to_start = self.is_heard = False
        self.info = {}
        self.why = None
        self._set_state('starting')
        try:
            self.connection = Connection()
            self.process = Process(self.spec.get_command(self.connection.file), self.spec.environment)
        except OSError as error:
            if self.connection is not None:
                self.connection.remove()
            self._die(f'{error.filename or self.spec.name}: {error.strerror}')
            return
        self.process.connect('ended', self._on_ended)

        self.channels = Channels(self.connection, Session(self.connection.key))
        self.channels.connect('received', self._on_received)
        self.channels.connect('rejected', lambda _channels, *args: self.emit('rejected', *args))
        self.channels.connect('connected', lambda _channels: self._greet())
        self.channels.connect('finished', lambda _channels: self._on_finished())

    def shut_down(self):
        """Ends the process: by asking it to, and if that does not help, without."""
        self._end(is_to_start=False)

    def restart(self):
        """Ends the process and starts another one."""
        self._end(is_to_start=True)

    def _end(self, is_to_start):
        self.is_to_start = is_to_start
        self.why = None
        if self.state in ('off', 'dead'):
            self._go_on()
        elif self.state != 'ending':
            if self.state == 'busy':
                self.interrupt()
            self.channels.send('control', 'shutdown_request', {'restart': is_to_start})
            self.deadline = GLib.timeout_add(PATIENCE_MS, self._on_deadline)
            self._set_state('ending')

    def _go_on(self):
        if self.is_to_start:
            self.start()
        else:
            self._set_state('off')

    def kill(self):
        """Ends the process at once."""
        if self.process is not None:
            self.process.kill()

    def interrupt(self):
        """Interrupts what it is doing."""
        # one that has nothing to do may end by it, above all before it has begun
        if self.state != 'busy':
            return
        if self.spec.is_interrupted_by_message:
            self.channels.send('control', 'interrupt_request', {})
        else:
            self.process.interrupt()

    def _on_deadline(self):
        self.deadline = 0
        self.kill()
        return GLib.SOURCE_REMOVE

    def _on_ended(self, process, how):
        if self.state != 'ending':
            written = process.get_written()
            self.why = f'{how}\n{written}' if written else how
        if self.deadline:
            GLib.source_remove(self.deadline)
            self.deadline = 0
        self.process = None
        self.connection.remove()
        if self.heartbeat is not None:
            self.heartbeat.close()
            self.heartbeat = None
        self.responding = True
        # what it has said at last may not have been read yet
        self._set_state('ending')
        self.channels.finish()

    def _on_finished(self):
        if self.why is None:
            self._drop_requests()
            self._go_on()
        else:
            self._die(self.why)

    def _die(self, why):
        self._set_state('dead')
        self._drop_requests()
        self.emit('died', why)

    def _drop_requests(self):
        """Those that nobody will answer any more."""
        self.question = None
        requests, self.requests = self.requests, {}
        for request in requests.values():
            request.reply = request.reply or {'status': 'died'}
            request.is_idle = True
            request.finish_if_done()

    def _set_state(self, state):
        if state != self.state:
            self.state = state

    def _update_state(self):
        if self.state in ('idle', 'busy'):
            is_busy = any(request.is_execution for request in self.requests.values())
            self._set_state('busy' if is_busy else 'idle')

    def _on_beat(self, heartbeat, _pspec):
        self.responding = heartbeat.responding

    # What is asked of it

    def _greet(self):
        """Asks what it is, until the answer is heard on iopub as well.

        What a kernel publishes before it knows of the subscription is lost, and nobody tells when it does.
        """
        self.channels.send('shell', 'kernel_info_request', {})

    def _ask(self, kind, content):
        """Sends a request; raises RuntimeError when there is no kernel to take it."""
        if self.state not in ('idle', 'busy'):
            raise RuntimeError(f'The kernel is {self.state}')
        request = Request(kind, self.channels.send('shell', f'{kind}_request', content))
        self.requests[request.id] = request
        self._update_state()
        return request

    def execute(self, code, silent=False):
        """Runs code."""
        return self._ask('execute', {
            'code': code,
            'silent': silent,
            'store_history': not silent,
            'user_expressions': {},
            'allow_stdin': True,
            'stop_on_error': True,
        })

    def complete(self, code, position):
        """Asks what the code may go on with at that position, in characters."""
        return self._ask('complete', {'code': code, 'cursor_pos': position})

    def inspect(self, code, position):
        """Asks what there is to say about what is at that position."""
        return self._ask('inspect', {'code': code, 'cursor_pos': position, 'detail_level': 0})

    def check(self, code):
        """Asks whether code is complete."""
        return self._ask('is_complete', {'code': code})

    def answer(self, text):
        """Answers the question that was asked last."""
        if self.question is not None:
            question, self.question = self.question, None
            self.channels.send('stdin', 'input_reply', {'value': text}, question)

    # What it says

    def _on_received(self, channels, channel, message):
        # one that was ended has no more to say
        if channels is not self.channels:
            return
        if channel == 'iopub':
            self._on_published(message)
        elif channel == 'shell':
            self._on_reply(message)
        elif channel == 'stdin' and message.kind == 'input_request':
            self.question = message
            content = message.content
            self.emit('asked', message.parent_id, content['prompt'], bool(content.get('password')))

    def _on_reply(self, message):
        if message.kind == 'kernel_info_reply':
            self._on_info(message.content)
            return
        request = self.requests.get(message.parent_id)
        if request is not None:
            request.reply = message.content
            self._finish_requests()

    def _on_info(self, info):
        self.info = info
        if self.is_heard:
            self._be_ready()
        else:
            self._greet()

    def _be_ready(self):
        if self.info and self.state == 'starting':
            self.heartbeat = Heartbeat(self.connection.get_endpoint('hb'))
            self.heartbeat.connect('notify::responding', self._on_beat)
            self._set_state('idle')

    def _on_published(self, message):
        if not self.is_heard:
            self.is_heard = True
            self._be_ready()
        if message.kind == 'status':
            if message.content.get('execution_state') == 'idle':
                self._on_idle(message.parent_id)
        else:
            self.emit('published', message.parent_id, message)

    def _on_idle(self, request_id):
        if request_id not in self.requests:
            return
        for request in self.requests.values():
            # of an earlier one that was replied to, the word has been lost
            if request.id == request_id or request.reply is not None:
                request.is_idle = True
            if request.id == request_id:
                break
        self._finish_requests()

    def _finish_requests(self):
        done = [request for request in self.requests.values() if request.reply is not None and request.is_idle]
        for request in done:
            del self.requests[request.id]
            if self.question is not None and self.question.parent_id == request.id:
                self.question = None
        self._update_state()
        for request in done:
            request.finish_if_done()
