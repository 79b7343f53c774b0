# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is written about the command: its manual page, its page in the guide, and how bash completes it."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

import support

SOURCE = pathlib.Path(os.environ['TEST_SOURCE'])
MANUAL = SOURCE / 'zmqglib' / 'tool' / 'zmqglib.1'
COMMANDS = ('send', 'receive', 'request', 'reply', 'proxy', 'monitor', 'keygen')


class Case(support.Case):
    def options(self, command):
        """The long options of a command."""
        return set(re.findall(r'^ +(?:-., )?(--[a-z-]+)', self.run_tool(command, '--help').decode(), re.MULTILINE))


class Manual(Case):
    def lint(self, *command):
        if not shutil.which(command[0]):
            self.skipTest(f'{command[0]} is not here')
        result = subprocess.run([*command, MANUAL], capture_output=True, text=True,
                                env={**os.environ, 'LC_ALL': 'C.UTF-8', 'MANROFFSEQ': '', 'MANWIDTH': '80'})
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        return result.stdout

    def test_groff(self):
        self.lint('groff', '-man', '-ww', '-z', '-Tutf8')

    def test_man(self):
        self.assertIn('zmqglib - ZeroMQ by hand and in pipes', self.lint('man', '--warnings', '-Tutf8', '-l'))

    def test_mandoc(self):
        self.assertEqual(self.lint('mandoc', '-Tlint', '-Wwarning'), '')

    def test_options(self):
        text = MANUAL.read_text().replace('\\-', '-')
        documented = set(re.findall(r'(?m)^\.BR? (?:-., " ", |-. ", " )?(--[a-z-]+)', text))
        documented = {option.rstrip('=') for option in documented}
        self.assertEqual(documented, set().union(*map(self.options, COMMANDS)) | {'--version'})

    def test_short_options(self):
        text = MANUAL.read_text().replace('\\-', '-')
        for command in COMMANDS:
            for short, long in re.findall(r'^ +(-.), (--[a-z-]+)', self.run_tool(command, '--help').decode(), re.MULTILINE):
                self.assertIn(f'.BR {short} ", " {long}', text)


class Guide(Case):
    def test_examples(self):
        page = (SOURCE / 'doc' / 'command.md').read_text()
        examples = re.findall(r'```sh\n(.*?)```\n\n```text\n(.*?)```', page, re.DOTALL)
        self.assertEqual(len(examples), page.count('```sh'))
        environment = {**os.environ, 'PATH': f'{pathlib.Path(support.TOOL).parent}:{os.environ["PATH"]}'}
        for script, expected in examples:
            with self.subTest(script=script):
                # nobody else's port
                script = re.sub(r'tcp://127\.0\.0\.1:(\d+)', rf'ipc://{self.folder}/\1', script)
                result = subprocess.run(['bash', '-e', '-c', script], cwd=self.folder, env=environment, capture_output=True, text=True,
                                        timeout=support.PATIENCE)
                self.assertEqual((result.stdout, result.stderr, result.returncode), (expected, '', 0))
                for path in self.folder.iterdir():
                    path.unlink()

    def test_manual_has_the_commands(self):
        text = MANUAL.read_text()
        for command in COMMANDS:
            self.assertIn(f'\n.SS {command}\n', text)


class Completion(Case):
    def complete(self, *words):
        """What bash offers for the last of the words."""
        script = '''
            source "$1"; shift
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _zmqglib
            printf '%s\\n' "${COMPREPLY[@]}"
        '''
        result = subprocess.run(['bash', '-u', '-c', script, 'bash', SOURCE / 'zmqglib' / 'tool' / 'completion.bash', support.TOOL, *words],
                                capture_output=True, text=True, cwd=self.folder, timeout=support.PATIENCE)
        self.assertEqual(result.stderr, '')
        return set(result.stdout.split())

    def test_is_for_the_command(self):
        script = f'source {SOURCE}/zmqglib/tool/completion.bash; complete -p zmqglib'
        self.assertEqual(subprocess.run(['bash', '-c', script], capture_output=True, text=True).stdout, 'complete -F _zmqglib zmqglib\n')

    def test_commands(self):
        self.assertEqual(self.complete(''), {*COMMANDS, '--help', '--version'})
        self.assertEqual(self.complete('re'), {'receive', 'request', 'reply'})

    def test_options(self):
        for command in COMMANDS:
            self.assertEqual(self.complete(command, '-'), self.options(command))
        self.assertEqual(self.complete('send', 'x', '--b'), {'--bind'})

    def test_types(self):
        # those that the command itself names when it knows none
        for command, option in (('send', '-t'), ('receive', '--type'), ('monitor', '-t')):
            self.run_tool(command, option, 'none', '-b', self.endpoint(), status=2)
            names = re.search(r'there are (.*)\n', self.complaint)[1].split(', ')
            self.assertEqual(self.complete(command, option, ''), set(names))

    def test_values(self):
        self.assertEqual(self.complete('receive', '--format', ''), {'text', 'json', 'hex', 'raw'})
        self.assertEqual(self.complete('receive', '--format', '=', 'j'), {'json'})
        self.assertEqual(self.complete('receive', '--format', '='), {'text', 'json', 'hex', 'raw'})
        self.assertEqual(self.complete('request', '--strategy', 's'), {'spread'})
        self.assertIn('handshake-failed-auth', self.complete('monitor', '-e', 'h'))
        # each is one
        kinds = [f'--event={kind}' for kind in self.complete('monitor', '-e', '')]
        self.assertEqual(len(kinds), 15)
        self.run_tool('monitor', *kinds, '-b', self.endpoint(), '-n', 1)

    def test_files(self):
        (self.folder / 'server').touch()
        for words in (('send', '-C', 's'), ('send', '--server-key', ''), ('receive', '--allow', '=', 'se'), ('keygen', 's')):
            self.assertEqual(self.complete(*words), {'server'})

    def test_programs(self):
        self.assertIn('cat', self.complete('reply', '--exec', 'ca'))


if __name__ == '__main__':
    unittest.main(verbosity=2)
