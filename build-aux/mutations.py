# SPDX-License-Identifier: LGPL-2.1-or-later
"""What can be broken in the library's C files, and a choice of it that is the same each time."""

import dataclasses
import fnmatch
import random
import re

LONGEST_STATEMENT = 3


@dataclasses.dataclass(frozen=True)
class Share:
    """A part of the library, how many of a hundred breakages it gets, and the tests that most likely notice."""
    name: str
    size: int
    files: tuple
    tests: tuple


SHARES = (
    Share('poll set', 24, ('loop/*.c',),
          ('poller-rule*', 'poller-rules-*', 'poller', 'poller-*', 'socket-source', 'stream-promise*', 'fairness',
           'life-descriptors')),
    Share('socket', 18, ('socket/*-socket-core.c', 'socket/*-socket-close.c', 'socket/*-socket-portions.c',
                         'socket/*-socket-transfer.c', 'socket/*-socket-condition.c', 'socket/*-socket-guard.c'),
          ('socket', 'messages-whole', 'max-frames', 'messages-put-back', 'life-closed', 'life-handed-over', 'context', 'socket-*',
           'life-cores', 'fails-closed', 'context-*')),
    Share('stream', 20, ('stream/*-core.c', 'stream/*-loop.c', 'stream/*-queue.c', 'stream/*-inbox.c',
                         'stream/*-output.c', 'stream/*-send.c', 'stream/*-receive.c', 'stream/*-wait*.c',
                         'stream/*-drain*.c', 'stream/*-flush.c', 'stream/*-tap.c'),
          ('stream', 'stream-sending', 'stream-sending-data', 'stream-receive-async', 'stream-promise*', 'stream-*',
           'tracker', 'life-completions', 'messages-put-back')),
    Share('completions', 16, ('base/*-agenda*.c', 'base/*-completion.c', 'base/*-deadlines.c', 'base/*-expiry.c',
                              'base/*-latch.c', 'base/*-turn.c', 'base/*-wakeup.c', 'base/*-departure.c',
                              'base/*-cancel-watch.c', 'async/*.c'),
          ('socket-async', 'stream-receive-async', 'stream-sending', 'life-completions', 'life-callbacks',
           'stream-threads', 'socket-source', 'poller-wait', 'life-dropped', 'context', 'life-contexts', 'client')),
    Share('requests', 12, ('services/*-client-*.c', 'services/*-server-*.c', 'services/*-request.c',
                           'services/*-envelope.c'),
          ('client', 'client-*', 'server', 'server-*', 'requests-stress')),
    Share('authenticator', 10, ('security/*.c',),
          ('authenticator', 'authenticator-*', 'fails-closed')),
)

# What only says something, is for programs that are at fault, or tells GObject of a type.
NOT_BROKEN = re.compile(r'\s*(g_return_|g_assert|g_warn|zmqglib_debug|G_DEFINE|G_STATIC|static\b|#|typedef|extern|'
                        r'return zmqglib_debug|g_param_spec|properties\[|signals\[|case\b|default:|\*)')
CALL = re.compile(r'\s+(\(void\) )?(?!g_auto|return\b)[a-z]\w* \(.*\);\s*$', re.DOTALL)
ASSIGNMENT = re.compile(r'\s+(\*?[a-z][\w.\[\]]*(->[\w.\[\]]+)*( [-+|&]?= .*|\+\+|--)|(\+\+|--)[a-z].*);\s*$', re.DOTALL)

# A pattern, and what stands instead of what it matches.
REPLACEMENTS = {
    'flip a condition': ((r'\bif \((?!\()(.*)\)(?= \{|$)', r'if (!(\1))'),),
    'turn a comparison': ((r' == ', ' != '), (r' != ', ' == ')),
    'move a border': ((r' < ', ' <= '), (r' > ', ' >= '), (r' <= ', ' < '), (r' >= ', ' > ')),
    'and for or': ((r' && ', ' || '), (r' \|\| ', ' && ')),
    'off by one': ((r'(?<![\w.])(\d+)(?![\w.])', lambda found: str(int(found[1]) + 1)),
                   (r' \+ 1\b', ''), (r' - 1\b', '')),
    'the other boolean': ((r'\bTRUE\b', 'FALSE'), (r'\bFALSE\b', 'TRUE')),
    'leave a negation out': ((r'!(?=[a-z])', ''),),
    'plus for minus': ((r' \+ ', ' - '), (r' - ', ' + '), (r' \+= ', ' -= '), (r' -= ', ' += '),
                       (r'\+\+', '--'), (r'--', '++')),
}


@dataclasses.dataclass(frozen=True)
class Mutation:
    """Lines of a file, from the line “number” on, that others replace."""
    path: str
    number: int
    kind: str
    old: str
    new: str

    def apply(self, text):
        """Never changes how many lines there are, so that debug information and messages stay as they are."""
        lines = text.split('\n')
        old = self.old.split('\n')
        first = self.number - 1
        if lines[first:first + len(old)] != old:
            raise ValueError(f'{self.path}:{self.number} is not what it was')
        lines[first:first + len(old)] = self.new.split('\n')
        return '\n'.join(lines)


def mask(text):
    """The text with spaces for what comments and literals say, in the same places."""
    def blank(found):
        return ''.join(c if c in '\n"\'' else ' ' for c in found[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, text, flags=re.DOTALL)


def statements(masked):
    """(first line, lines) of what ends with a semicolon or a brace, or is the head of an if, in functions."""
    inside = False
    first, pending = 0, []
    for i, line in enumerate(masked.split('\n')):
        if line == '{':
            inside, pending = True, []
        elif line.startswith('}'):
            inside = False
        elif inside and line.strip():
            if not pending:
                first = i
            pending.append(line)
            whole = '\n'.join(pending)
            balanced = whole.count('(') == whole.count(')')
            is_head = balanced and re.match(r'\s*(\} )?(else )?(if|for|while|switch) \(', whole)
            if line.rstrip().endswith((';', '{', '}', ':')) and balanced or is_head or line.strip() == 'else':
                yield first, pending
                pending = []


def replacements(path, lines, masked_lines, first, count):
    for i in range(first, first + count):
        for kind, patterns in REPLACEMENTS.items():
            for pattern, new in patterns:
                for found in re.finditer(pattern, masked_lines[i]):
                    start, end = found.span()
                    # what stood in literals is taken from the line itself
                    own = re.compile(pattern).match(lines[i], start)
                    if own is None or own.end() != end:
                        continue
                    text = new(own) if callable(new) else own.expand(new)
                    yield Mutation(path, i + 1, kind, lines[i], lines[i][:start] + text + lines[i][end:])


def deletions(path, lines, first, statement):
    count = len(statement)
    whole = '\n'.join(statement)
    if count <= LONGEST_STATEMENT and (CALL.match(whole) or ASSIGNMENT.match(whole)):
        indent = re.match(r'\s*', statement[0])[0]
        yield Mutation(path, first + 1, 'leave a statement out', '\n'.join(lines[first:first + count]),
                       '\n'.join([indent + ';'] + [''] * (count - 1)))


def swaps(path, lines, first, statement, earlier):
    """Of two calls or assignments in neighbouring lines, the second one first; two assignments seldom mind."""
    if earlier is None or len(statement) > 1 or len(earlier[1]) > 1 or earlier[0] != first - 1:
        return
    one, two = lines[first - 1], lines[first]
    both = earlier[1][0], statement[0]
    if (all(CALL.match(line) or ASSIGNMENT.match(line) for line in both) and any(CALL.match(line) for line in both)
            and re.match(r'\s*', one)[0] == re.match(r'\s*', two)[0]):
        yield Mutation(path, first, 'swap two statements', f'{one}\n{two}', f'{two}\n{one}')


def mutations_of(path, text):
    lines, masked = text.split('\n'), mask(text)
    masked_lines = masked.split('\n')
    earlier = None
    for first, statement in statements(masked):
        if not NOT_BROKEN.match(statement[0]):
            yield from replacements(path, lines, masked_lines, first, len(statement))
            yield from deletions(path, lines, first, statement)
            yield from swaps(path, lines, first, statement, earlier)
            earlier = first, statement
        else:
            earlier = None


def in_random_order(share, library, seed):
    """All that can be broken in a share: each kind as often as the others, for as long as there is one."""
    kinds = {}
    for path in sorted(library.glob('*/*.c')):
        name = path.relative_to(library).as_posix()
        if any(fnmatch.fnmatch(name, pattern) for pattern in share.files):
            for mutation in mutations_of(name, path.read_text(encoding='utf-8')):
                kinds.setdefault(mutation.kind, []).append(mutation)

    chance = random.Random(f'{seed} {share.name}')
    for mutations in kinds.values():
        chance.shuffle(mutations)
    while kinds:
        # half of them are statements left out and conditions flipped, of which there are most
        kind = chance.choices(sorted(kinds), [3 if k in ('leave a statement out', 'flip a condition') else 1
                                              for k in sorted(kinds)])[0]
        yield kinds[kind].pop()
        if not kinds[kind]:
            del kinds[kind]


def sizes(total):
    """How many breakages each share gets of so many."""
    wanted = [share.size * total / 100 for share in SHARES]
    counts = [int(size) for size in wanted]
    rest = sorted(range(len(counts)), key=lambda i: counts[i] - wanted[i])
    for i in rest[:total - sum(counts)]:
        counts[i] += 1
    return dict(zip((share.name for share in SHARES), counts))
