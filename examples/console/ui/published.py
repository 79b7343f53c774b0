# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a kernel makes public, in the transcript."""

KINDS = ('stream', 'error', 'execute_result', 'display_data', 'update_display_data', 'clear_output')


def show(transcript, cell, message):
    """Shows a message in the cell that it is due to, or where what it is about is displayed already."""
    content = message.content
    if message.kind == 'stream':
        cell.write(content['text'], content['name'])
    elif message.kind == 'error':
        cell.write_block(get_traceback(content))
    elif message.kind == 'execute_result':
        cell.show(content['data'], content['metadata'], number=content['execution_count'])
    elif message.kind == 'display_data':
        cell.show(content['data'], content['metadata'], display_id=get_display_id(content))
    elif message.kind == 'update_display_data':
        transcript.update_displays(get_display_id(content), content['data'], content['metadata'])
    elif message.kind == 'clear_output':
        cell.clear(bool(content.get('wait')))


def get_traceback(content):
    """What is said about an error; a kernel may have no more to say than what it is."""
    return '\n'.join(map(str, content['traceback'])) or f'{content["ename"]}: {content["evalue"]}'


def get_display_id(content):
    """What a later message may name to display something else in its place."""
    display_id = content['transient'].get('display_id')
    return display_id if isinstance(display_id, str) else None
