# SPDX-License-Identifier: LGPL-2.1-or-later
"""From what the sides of a row measured to figures, and from figures to lines of a table."""

from statistics import median

COMPARE = {
    'ratio': lambda a, b: a / b,
    'difference': lambda a, b: a - b,
    'value': lambda a, b: a,
}

COLUMNS = ('row', 'figure', 'result', 'goal', '', 'spread', 'A', 'B')
WIDTHS = (21, 18, 14, 14, 8, 15, 26, 0)


def median_of(values):
    """Without those runs in which there was nothing to measure, which a side reports as null."""
    values = [value for value in values if value is not None]
    return median(values) if values else None


def outcome(figure, value):
    if figure.goal is None:
        return None
    reached = value >= figure.goal.value if figure.goal.at_least else value <= figure.goal.value
    return 'reached' if reached else 'missed'


# A thread that has this share of the time something to do is not held up.
BUSY = 0.9


def is_held_up(figure, results, runs_a, runs_b):
    """Whether a third party, as libzmq's I/O thread or the peer, is what both sides wait for, so that they look alike."""
    if figure.how != 'ratio' or not runs_b or not min(results) <= 1 <= max(results):
        return False
    busy = [median_of([run.get('busy') for run in runs]) for runs in (runs_a, runs_b)]
    return all(share is not None and share < BUSY for share in busy)


def evaluate(figure, runs_a, runs_b):
    """The figure of a row, from the pairs of its runs."""
    a = [run[figure.key] for run in runs_a]
    b = [run.get(figure.key) for run in runs_b] if runs_b else [None] * len(a)
    results = [COMPARE[figure.how](*pair) for pair in zip(a, b)]
    value = median(results)
    return {
        'key': figure.key,
        'title': figure.title,
        'unit': figure.unit,
        'how': figure.how,
        'goal': figure.goal and {'at_least': figure.goal.at_least, 'value': figure.goal.value},
        'outcome': outcome(figure, value),
        'held_up': is_held_up(figure, results, runs_a, runs_b),
        'value': value,
        'lowest': min(results),
        'highest': max(results),
        'a': median_of(a),
        'b': median_of(b),
        'runs_a': a,
        'runs_b': b if runs_b else None,
    }


def digits(value):
    """Three digits, or as many as stand before the point."""
    if abs(value) >= 100:
        return f'{value:,.0f}'
    return f'{value:.1f}' if abs(value) >= 10 else f'{value:.2f}'


def quantity(value, unit):
    if value is None:
        return 'none'
    if unit == 'messages/s':
        for limit, prefix in ((1_000_000, ' M'), (1_000, ' k')):
            if value >= limit:
                return f'{digits(value / limit)}{prefix}/s'
        return f'{digits(value)} /s'
    if unit == 'bytes':
        return f'{value:,.0f} bytes'
    return f'{digits(value)} {unit}'.rstrip()


def result(figure, key='value'):
    """The result itself, or its lowest or highest value."""
    if figure['how'] == 'ratio':
        return f'{digits(figure[key])} ×'
    text = quantity(figure[key], figure['unit'])
    return f'+{text}' if figure['how'] == 'difference' and figure[key] >= 0 else text


def spread(figure):
    if figure['lowest'] == figure['highest']:
        return 'none'
    # both sides wait for somebody else most of the time: as good as the same
    mark = ' ≈' if figure.get('held_up') else ''
    return spread_in_digits(figure) + mark


def spread_in_digits(figure):
    if figure['how'] == 'value':
        lowest, highest = (digits(figure[key]) for key in ('lowest', 'highest'))
    else:
        lowest, highest = (result(figure, key).split(' ')[0] for key in ('lowest', 'highest'))
    return f'{lowest} – {highest}'


def goal(figure):
    if figure['goal'] is None:
        return ''
    sign = '≥' if figure['goal']['at_least'] else '≤'
    number = figure['goal']['value']
    unit = '×' if figure['how'] == 'ratio' else figure['unit']
    return f'{sign} {number:,g} {unit}'.rstrip()


def aligned(cells):
    return ' '.join(f'{cell:{width}}' for cell, width in zip(cells, WIDTHS)).rstrip()


def header():
    return aligned(COLUMNS)


def sides(row, figure):
    """The figures of both sides for the eye, with their names."""
    for name in ('a', 'b'):
        if row[name] is None:
            yield ''
        else:
            yield f'{row[name]["label"]}: {quantity(figure[name], figure["unit"])}'


def curve_lines(row):
    for point in row['points']:
        costs = ', '.join(f'{label} {quantity(cost, row["unit"])}'
                          for label, cost in point['costs'].items())
        yield f'{row["name"]:{WIDTHS[0]}} {point["sockets"]:>6,} in the loop: {costs}'


def lines(row):
    """The lines of a row's result in the table."""
    if 'skipped' in row:
        return [f'{row["name"]:{WIDTHS[0]}} skipped: {row["skipped"]}']
    if 'points' in row:
        return list(curve_lines(row))
    return [
        aligned((row['name'], figure['title'], result(figure), goal(figure),
                 figure['outcome'] or '', spread(figure), *sides(row, figure)))
        for figure in row['figures']
    ]
