# SPDX-License-Identifier: LGPL-2.1-or-later
"""The letters that are pressed with Alt: of what is seen together no two have the same, in any language."""

import gettext
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ['TEST_SOURCE_ROOT'])

MESSAGES = ('_Text', '_JSON', '_Hex', 'F_rames', '_Send', 'Sto_p')
CONNECTIONS = ('_Bind', '_Connect', 'S_ubscribe', 'Sto_p')
NEW = ('New _Socket…', 'New _Proxy…', '_Open Recording…')
MENU = ('Sa_ve Recording…', '_Replay…', '_Send Message Again', '_Copy Message', 'C_lose Session', '_New Window',
        '_Keyboard Shortcuts', '_About Inspector')
SOCKET = ('_Cancel', 'C_reate', '_Type', '_How', '_Endpoint', '_Subscribe to', 'Sec_urity', '_Our certificate',
          'Ser_ver’s certificate')
PROXY = ('_Cancel', 'C_reate', '_Pattern', '_Frontend', '_Its endpoint', '_Backend', 'Its e_ndpoint')
REPLAY = ('_Cancel', '_Replay', '_To', '_Speed')


def letter(text):
    return text[text.index('_') + 1].lower()


class Mnemonics(unittest.TestCase):
    def assertDistinct(self, translate):
        for texts in (MESSAGES, CONNECTIONS, NEW, MENU, SOCKET, PROXY, REPLAY):
            letters = [letter(translate(text)) for text in texts]
            self.assertEqual(len(set(letters)), len(letters), dict(zip(texts, letters)))

    def test_all_are_here(self):
        sources = ''.join(path.read_text() for path in (ROOT / 'examples' / 'inspector').glob('*.c'))
        for text in {*MESSAGES, *CONNECTIONS, *NEW, *MENU, *SOCKET, *PROXY, *REPLAY}:
            self.assertTrue(f'_ ("{text}")' in sources, text)
            sources = sources.replace(f'_ ("{text}")', '')
        # and there are no others
        self.assertEqual(re.findall(r'_ \("[^"]*_[A-Za-z][^"]*"', sources), [])

    def test_english(self):
        self.assertDistinct(lambda text: text)

    def test_translations(self):
        with tempfile.TemporaryDirectory() as folder:
            for language in (ROOT / 'po' / 'LINGUAS').read_text().split('\n'):
                if not language or language.startswith('#'):
                    continue
                path = pathlib.Path(folder) / f'{language}.mo'
                subprocess.run(['msgfmt', '-o', path, ROOT / 'po' / f'{language}.po'], check=True)
                with self.subTest(language), path.open('rb') as file:
                    self.assertDistinct(gettext.GNUTranslations(file).gettext)


if __name__ == '__main__':
    unittest.main(verbosity=2)
