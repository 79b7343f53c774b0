# SPDX-License-Identifier: LGPL-2.1-or-later
"""Results as Markdown, and the parts of the README and the guide that are made from them."""

import re
from datetime import date

from figures import goal, quantity, result, sides, spread

BEGIN = '<!-- benchmarks: begin -->'
END = '<!-- benchmarks: end -->'


def markdown_row(cells):
    return f'| {" | ".join(cells)} |'


def figure_rows(row):
    """The cells of a row's figures; what repeats the line above is left out."""
    title, name = row['title'], f'`{row["name"]}`'
    for figure in row['figures']:
        a, b = sides(row, figure)
        reached = figure['outcome'] or ''
        if reached == 'missed':
            reached = '**missed**'
        yield (title, name, figure['title'], result(figure), spread(figure), goal(figure), reached,
               a, b)
        title, name = '', ''


def figures_table(rows):
    columns = ('what', 'row', 'figure', 'result', 'spread', 'goal', '', 'A', 'B')
    yield markdown_row(columns)
    yield markdown_row(('---', '---', '---', '--:', '---', '---', '---', '---', '---'))
    for row in rows:
        if 'figures' in row:
            yield from map(markdown_row, figure_rows(row))
        elif 'skipped' in row:
            yield markdown_row((row['title'], f'`{row["name"]}`', f'skipped: {row["skipped"]}',
                                *[''] * 6))


def curve_table(row):
    labels = list(row['points'][0]['costs'])
    yield ''
    yield f'{row["title"]}, `{row["name"]}`:'
    yield ''
    yield markdown_row(('sockets', *(f'`{label}`' for label in labels)))
    yield markdown_row(['--:'] * (len(labels) + 1))
    for point in row['points']:
        yield markdown_row((f'{point["sockets"]:,}',
                            *(quantity(point['costs'][label], row['unit']) for label in labels)))


def markdown(results):
    """The whole table."""
    lines = list(figures_table(results['rows']))
    for row in results['rows']:
        if 'points' in row:
            lines.extend(curve_table(row))
    return '\n'.join(lines)


def day(iso):
    when = date.fromisoformat(iso)
    return f'{when.day} {when:%B %Y}'


def conditions(results):
    """A sentence about when, on what and at which commit."""
    return (f'Measured on {day(results["date"])} on {results["machine"]}, '
            f'at commit {results["commit"]}.')


def score(results):
    outcomes = [figure['outcome'] for row in results['rows'] for figure in row.get('figures', ())
                if figure['outcome'] is not None]
    return f'{outcomes.count("reached")} of {len(outcomes)} goals are reached.'


def software(results):
    versions = ', '.join(f'{name} {version}' for name, version in results['versions'].items())
    return f'Linux {results["kernel"]}; {results["build"]}; {versions}.'


def paragraph(*sentences):
    """Sentences in lines of at most a hundred characters."""
    lines, line = [], ''
    for word in ' '.join(sentences).split():
        if line and len(line) + 1 + len(word) > 100:
            lines.append(line)
            line = ''
        line = f'{line} {word}'.strip()
    return '\n'.join([*lines, line])


def with_part(text, part):
    """The text, with what stands between the marks replaced."""
    pattern = f'(?<={re.escape(BEGIN)}\n).*(?={re.escape(END)})'
    new, n = re.subn(pattern, lambda match: f'\n{part}\n\n', text, flags=re.DOTALL)
    if n != 1:
        raise ValueError(f'not one part between {BEGIN} and {END}')
    return new


def picture(path):
    return (f'![The ratios as bars, with their goals; and the time of a round trip against the '
            f'number of sockets]({path})')


def update_readme(path, results):
    part = '\n\n'.join((picture('doc/benchmarks.svg'),
                        paragraph(conditions(results), score(results))))
    path.write_text(with_part(path.read_text(), part))


def update_guide(path, results):
    part = '\n\n'.join((picture('benchmarks.svg'),
                        paragraph(conditions(results), score(results), software(results)),
                        markdown(results)))
    path.write_text(with_part(path.read_text(), part))
