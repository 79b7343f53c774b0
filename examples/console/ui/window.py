# SPDX-License-Identifier: LGPL-2.1-or-later
"""The window: what is entered goes to the kernel, and what the kernel says is shown."""

from gi.repository import Gdk, Gio, GObject, Gtk

from text import code as source

from . import about, published
from .banner import Banner
from .entry import Entry
from .header import Header, make_button
from .question import Question
from .transcript import Transcript

# between the prompt and what is written
ENTRY_MARGIN = 15
COMMANDS = Gdk.ModifierType.CONTROL_MASK | Gdk.ModifierType.ALT_MASK | Gdk.ModifierType.SUPER_MASK
STATES = {'starting': 'starting…', 'idle': 'ready', 'busy': 'busy', 'ending': 'ending…', 'dead': 'dead', 'off': 'off'}


class Window(Gtk.ApplicationWindow):
    """A console for a kernel. “settled” is emitted when something that was entered has ended."""

    __gsignals__ = {'settled': (GObject.SignalFlags.RUN_LAST, None, (object,))}

    def __init__(self, app, kernel):
        super().__init__(application=app, title='Console', default_width=820, default_height=640)
        self.kernel = kernel
        # by the request that they are due to, and what is run still
        self.cells = {}
        self.running = {}
        self.last_id = self.asking_id = ''
        # what was entered before the kernel could be asked
        self.waiting = []
        self.number = 0
        self.is_closing = self.is_greeted = False
        self._add_actions()
        self._build()
        self._connect()
        kernel.start()
        self.entry.grab_focus()

    # The window

    def _build(self):
        self.header = Header()
        self.set_titlebar(self.header)
        self.banner = Banner()
        self.transcript = Transcript()
        self.entry = Entry()
        self.question = Question()
        self.stack = Gtk.Stack(hexpand=True, vhomogeneous=False)
        # so that what is written stands where it will
        width = self.transcript.tags.gutter - ENTRY_MARGIN
        self.prompt = Gtk.Label(valign=Gtk.Align.START, xalign=0, width_request=width)
        self.prompt.add_css_class('prompt')
        self.stack.add_child(self._make_entry_row())
        self.stack.add_child(self.question)

        row = Gtk.Box()
        row.add_css_class('entry-row')
        row.append(self.stack)
        box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
        for widget in (self.banner, self.transcript, row):
            box.append(widget)
        self.set_child(box)

    def _make_entry_row(self):
        button = make_button('media-playback-start-symbolic', 'Run (Ctrl+Return)', 'win.run')
        button.set_valign(Gtk.Align.START)
        button.set_margin_top(2)
        row = Gtk.Box(spacing=6)
        for widget in (self.prompt, self.entry.make_scrolled(), button):
            row.append(widget)
        return row

    def _add_actions(self):
        self.actions = {}
        for name, function in {
            'run': self.run,
            'interrupt': self.kernel.interrupt,
            'restart': self.restart,
            'clear': self.clear,
            'shortcuts': lambda: about.make_shortcuts(self).present(),
            'about': lambda: about.make_about(self, self.kernel.spec, self.kernel.info).present(),
            'focus': lambda: self.get_input().grab_focus(),
        }.items():
            action = Gio.SimpleAction.new(name, None)
            action.connect('activate', lambda _action, _parameter, function=function: function())
            self.add_action(action)
            self.actions[name] = action

    def _connect(self):
        self.kernel.connect('notify::state', self._on_state)
        self.kernel.connect('notify::responding', lambda *_args: self._update())
        self.kernel.connect('published', self._on_published)
        self.kernel.connect('asked', self._on_asked)
        self.kernel.connect('died', self._on_died)
        self.kernel.connect('rejected', self._on_rejected)
        self.entry.connect('entered', lambda _entry: self._on_entered())
        self.entry.connect('run', lambda _entry: self.run())
        self.entry.connect('completing', lambda _entry: self._complete())
        self.entry.connect('inspecting', lambda _entry: self._inspect())
        self.entry.connect('interrupted', lambda _entry: self.kernel.interrupt())
        self.question.connect('answered', self._on_answered)
        self.connect('close-request', self._on_close_request)
        self.keys = Gtk.EventControllerKey()
        self.keys.connect('key-pressed', self._on_typed)
        self.add_controller(self.keys)
        # where nothing else takes it
        shortcuts = Gtk.ShortcutController()
        trigger = Gtk.ShortcutTrigger.parse_string('Escape')
        shortcuts.add_shortcut(Gtk.Shortcut.new(trigger, Gtk.NamedAction.new('win.focus')))
        self.add_controller(shortcuts)

    def get_input(self):
        """Where one writes now."""
        return self.question.get_entry() if self.is_asking() else self.entry

    def is_asking(self):
        """Whether a question is open."""
        return self.stack.get_visible_child() == self.question

    def _update(self):
        """Shows what the kernel is doing."""
        kernel = self.kernel
        is_silent = not kernel.responding
        state = 'does not respond' if is_silent else STATES[kernel.state]
        self.header.say(f'{kernel.spec.display_name} · {state}', kernel.state in ('starting', 'busy', 'ending'))
        self.prompt.set_text(f'In [{self.number + 1}]:')
        self.actions['interrupt'].set_enabled(kernel.state == 'busy')
        self.actions['restart'].set_enabled(kernel.state != 'ending')
        self.actions['run'].set_enabled(kernel.state in ('starting', 'idle', 'busy'))
        # which a button had that cannot be pressed any more
        if self.get_focus() is None:
            self.get_input().grab_focus()
        if is_silent:
            self.banner.say('The kernel does not respond.')
        elif kernel.state != 'dead':
            self.banner.say('')

    # What is entered

    def run(self):
        """Runs what is written."""
        if not self.entry.get_code().strip() or not self.actions['run'].get_enabled():
            self.entry.error_bell()
            return
        self._execute(self.entry.take())

    def _execute(self, code):
        if self.kernel.state == 'starting':
            self.waiting.append(code)
            return
        request = self.kernel.execute(code)
        request.connect('finished', self._on_executed)
        self.last_id = request.id
        self.running[request.id] = code
        self.cells[request.id] = self.transcript.add(code)

    def _get_cell(self, request_id):
        """Where something is to be shown: what nobody has asked for, in the last cell, or one of its own."""
        cell = self.cells.get(request_id) or self.cells.get(self.last_id)
        if cell is None:
            self.last_id = ''
            cell = self.cells[''] = self.transcript.add()
        return cell

    def _on_executed(self, request, reply):
        cell = self.cells[request.id]
        del self.running[request.id]
        if isinstance(reply.get('execution_count'), int):
            self._set_number(cell, reply['execution_count'])
        for payload in reply.get('payload', []):
            if isinstance(payload, dict):
                self._on_payload(cell, payload)
        if reply['status'] not in ('ok', 'error'):
            cell.set_number(' ')
            cell.write_block({'aborted': 'Not run, after an error before it'}.get(reply['status'], 'Not finished'),
                             [self.transcript.tags.dim])
        self._stop_asking()
        self.emit('settled', reply)

    def _on_payload(self, cell, payload):
        """What a kernel wants besides, such as the text of “name?”."""
        kind = payload.get('source')
        if kind == 'page' and isinstance(payload.get('data'), dict):
            cell.show(payload['data'], {})
        elif kind == 'set_next_input':
            self.entry.set_code(str(payload.get('text', '')))
        elif kind == 'ask_exit':
            self.close()

    def _on_entered(self):
        code = self.entry.get_code()
        if not code.strip():
            return
        if self.kernel.state != 'idle':
            # who is busy cannot be asked
            self._go_on(source.goes_on(code), None)
            return
        request = self.kernel.check(code)
        request.connect('finished', self._on_checked, code)

    def _on_checked(self, _request, reply, code):
        written = self.entry.get_code()
        if not written.startswith(code):
            return
        # what was typed in the meantime belongs after it
        rest = written.removeprefix(code)
        if rest and reply['status'] == 'incomplete':
            self.entry.set_code(f'{code}\n{reply["indent"]}{rest}')
        elif rest and self.actions['run'].get_enabled():
            self.entry.set_code(code)
            self.run()
            self.entry.set_code(rest)
        else:
            self._go_on(reply['status'] == 'incomplete', reply.get('indent') or None)

    def _go_on(self, is_incomplete, indent):
        if is_incomplete:
            self.entry.begin_line(indent)
        else:
            self.run()

    def _complete(self):
        if self.kernel.state in ('idle', 'busy'):
            code, position = self.entry.get_code(), self.entry.get_position()
            request = self.kernel.complete(code, position)
            request.connect('finished', self._on_completed, code, position)

    def _on_completed(self, _request, reply, code, position):
        if reply['status'] == 'ok' and (self.entry.get_code(), self.entry.get_position()) == (code, position):
            self.entry.offer([*map(str, reply['matches'])], reply['cursor_start'], reply['cursor_end'])

    def _inspect(self):
        if self.kernel.state in ('idle', 'busy'):
            request = self.kernel.inspect(self.entry.get_code(), self.entry.get_position())
            request.connect('finished', self._on_inspected)

    def _on_inspected(self, _request, reply):
        if reply.get('found'):
            self.entry.tell(reply['data'])
        else:
            self.entry.error_bell()

    def _on_typed(self, controller, key, _code, state):
        """Somebody types where nothing can be written, as after a click into the transcript."""
        if state & COMMANDS or Gdk.keyval_to_unicode(key) < ord(' '):
            return Gdk.EVENT_PROPAGATE
        widget = self.get_input()
        widget.grab_focus()
        # of an entry it is a widget inside that takes keys
        controller.forward(widget.get_delegate() if isinstance(widget, Gtk.Editable) else widget)
        return Gdk.EVENT_STOP

    # What the kernel says

    def _on_state(self, *_args):
        self._update()
        if self.kernel.state == 'idle':
            if self.waiting or not self.number:
                self._on_ready()
        elif self.kernel.state == 'starting':
            self.number = 0
            self.cells.clear()
            self._stop_asking()
            self.entry.grab_focus()
            if self.is_greeted:
                self._say('The kernel starts anew')
            self._update()
        elif self.kernel.state == 'off' and self.is_closing:
            self.destroy()

    def _on_ready(self):
        if not self.is_greeted:
            self.is_greeted = True
            self._say(self.kernel.info['banner'])
        waiting, self.waiting = self.waiting, []
        for code in waiting:
            self._execute(code)

    def _say(self, text, is_error=False):
        tags = self.transcript.tags
        self.transcript.say(text, tags.error if is_error else tags.dim)

    def _set_number(self, cell, number):
        cell.set_number(number)
        self.number = max(self.number, number)
        self._update()

    def _on_published(self, _kernel, parent_id, message):
        if message.kind == 'execute_input' and parent_id in self.cells:
            self._set_number(self.cells[parent_id], message.content['execution_count'])
        elif message.kind in published.KINDS:
            published.show(self.transcript, self._get_cell(parent_id), message)

    def _on_asked(self, _kernel, parent_id, prompt, is_password):
        self.asking_id = parent_id
        self.stack.set_visible_child(self.question)
        self.question.ask(prompt, is_password)

    def _on_answered(self, _question, text):
        # not before: what was printed before the question may come after it, from another socket
        shown = '' if self.question.is_password() else text
        self._get_cell(self.asking_id).write(f'{self.question.prompt}{shown}\n')
        self.kernel.answer(text)
        self._stop_asking()

    def _stop_asking(self):
        # the question may be that of the next one, which has come from another socket
        if self.is_asking() and self.kernel.question is None:
            self.stack.set_visible_child(self.stack.get_first_child())
            self.entry.grab_focus()

    def _on_died(self, _kernel, why):
        first, *others = why.split('\n', 1)
        self.banner.say(f'The kernel has died: {first}.')
        self.waiting.clear()
        if others:
            self._say(others[0], is_error=True)
        if self.is_closing:
            self.destroy()

    def _on_rejected(self, _kernel, channel, why):
        self._say(f'A message on {channel} was not taken: {why}', is_error=True)

    # What the window does

    def clear(self):
        """Forgets the transcript, but for what is not done yet."""
        self.transcript.clear()
        self.cells = {request_id: self.transcript.add(code) for request_id, code in self.running.items()}

    def restart(self):
        """Restarts the kernel, after a question where something would be lost."""
        if self.kernel.state == 'dead' or not self.number:
            self.kernel.restart()
            return
        dialog = Gtk.MessageDialog(
            transient_for=self, modal=True, buttons=Gtk.ButtonsType.NONE, text='Restart the kernel?',
            secondary_text='It forgets all that was computed.',
        )
        dialog.add_button('_Cancel', Gtk.ResponseType.CANCEL)
        dialog.add_button('_Restart', Gtk.ResponseType.ACCEPT).add_css_class('destructive-action')
        dialog.connect('response', self._on_restart_response)
        dialog.present()

    def _on_restart_response(self, dialog, response):
        dialog.destroy()
        if response == Gtk.ResponseType.ACCEPT:
            self.kernel.restart()

    def _on_close_request(self, _window):
        if self.kernel.state in ('off', 'dead'):
            return Gdk.EVENT_PROPAGATE
        # is gone at once for who has closed it, and stays until the kernel has ended
        self.is_closing = True
        self.set_visible(False)
        self.kernel.shut_down()
        return Gdk.EVENT_STOP
