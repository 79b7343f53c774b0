# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a kernel makes public, in the transcript."""


def show(transcript, cell, message):
    """Shows a message in the cell that it is due to, or where what it is about is displayed already."""
    content = message.content
    if message.kind == 'stream':
        cell.write(content['text'], content['name'])
    elif message.kind == 'error':
        cell.write_block('\n'.join(content['traceback']))
    elif message.kind == 'execute_result':
        cell.show(content['data'], content['metadata'], number=content['execution_count'])
    elif message.kind == 'display_data':
        cell.show(content['data'], content['metadata'], display_id=get_display_id(content))
    elif message.kind == 'update_display_data':
        transcript.update_displays(get_display_id(content), content['data'], content['metadata'])
    elif message.kind == 'clear_output':
        cell.clear(content['wait'])


def get_display_id(content):
    """What a later message may name to display something else in its place."""
    return content.get('transient', {}).get('display_id')
