/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The wake-up protocol: libzmq's mailbox and its edge-like descriptor, the poll set's states, and a main loop with
 * its prepare, check and dispatch, a handler's nested loop, what the rest of the program does, and another thread.
 *
 * Checked: whenever all is at rest, no message waits for which somebody listens, and nothing that was posted is
 * undone; the loop does not go round without anything to do; each dispatch ends.
 *
 * Each rule can be left out, with a definition of spin's: the checker then finds how it goes wrong. Where a line of the model is
 * a line of the library, it says which file and function.
 *
 * The rules:
 *   NO_TOUCH               an operation on a socket makes it hot
 *   NO_CHANGED             so does what is wanted of it, when that changes
 *   NO_PREPARE_QUERY       what is hot is asked before the loop may block
 *   NO_COLLECT             who was signalled is hot
 *   NO_RESTLESS            so is one that foreign code has, and one with input when somebody listens
 *   NO_TOUCHED             what an owner knows of a socket does not count when that was used meanwhile
 *   NO_KEEP_FROM_BLOCKING  what gets hot when the loop is about to block keeps it from that
 *   NO_WAKE                what is posted wakes the loop
 *   NO_PUSH_BEFORE_WAKE    after it was put into the queue
 *   NO_EMPTY_BEFORE_RUN    and the descriptor is emptied before the queue is looked into
 */

#define N_SOCKETS  2
#define N_MESSAGES 2 /* a peer's, to the first socket; to the second there is one */
#define N_ACTS     2 /* of the rest of the program */
#define N_POSTS    1 /* of another thread */
#define N_IDLE     2 /* iterations in a row that find nothing to do */

mtype = { ASLEEP, HOT, RESTLESS, READY, SERVED };

/* libzmq: a pipe whose reader has seen it empty tells of the next message by a command, and the descriptor is readable
 * while there is one */
byte n_waiting[N_SOCKETS];
bool is_active[N_SOCKETS];  /* the reader has heard that there is something */
bool is_dozing[N_SOCKETS];  /* the reader has seen it empty */
bool has_command[N_SOCKETS];

/* the poll set */
mtype state[N_SOCKETS];
bool is_wanted[N_SOCKETS];
bool is_touched[N_SOCKETS];
bool is_exposed; /* foreign code has the handle of the first socket */
bool is_blocking;
bool is_awake;   /* the wake-up descriptor */
byte n_posted;

byte n_acts;
byte n_idle;
bool has_done;   /* something, in this iteration */

/* Whatever is done with a socket processes its commands. */
inline process (s)
{
  if
  :: has_command[s] -> has_command[s] = false; is_active[s] = true
  :: else
  fi
}

/* zmq_msg_recv(), and the pipe's check_read(): an empty one is seen to be so. */
inline receive (s, got)
{
  process (s);
  if
  :: is_active[s] && n_waiting[s] > 0 -> n_waiting[s]--; got = true
  :: else -> got = false; is_dozing[s] = is_active[s] || is_dozing[s]; is_active[s] = false
  fi
}

/* ZMQ_EVENTS */
inline query (s, there)
{
  process (s);
  if
  :: is_active[s] && n_waiting[s] > 0 -> there = true
  :: else -> there = false; is_dozing[s] = is_active[s] || is_dozing[s]; is_active[s] = false
  fi
}

/* zmqglib-poll-item.c, keep_from_blocking () */
inline keep_from_blocking ()
{
#ifndef NO_KEEP_FROM_BLOCKING
  if
  :: is_blocking -> is_blocking = false; is_awake = true
  :: else
  fi
#else
  skip
#endif
}

/* zmqglib-poll-item.c, zmqglib_poll_item_heat () */
inline heat (s)
{
  if
  :: state[s] != SERVED -> state[s] = HOT; keep_from_blocking ()
  :: else
  fi
}

/* zmqglib-poll-item.c, zmqglib_poll_item_touch (): an operation through ZmqSocket */
inline touch (s)
{
#ifndef NO_TOUCH
  is_touched[s] = true;
  heat (s)
#else
  skip
#endif
}

/* zmqglib-poll-item.c, zmqglib_poll_item_changed (): somebody listens, or does not any more */
inline changed (s)
{
#ifndef NO_CHANGED
  heat (s)
#else
  skip
#endif
}

/* zmqglib-poll-item.c, zmqglib_poll_item_settle () */
inline settle (s, there)
{
  if
  :: there && is_wanted[s] -> state[s] = READY; keep_from_blocking ()
  :: there && !is_wanted[s] -> state[s] = RESTLESS
  :: !there && s == 0 && is_exposed -> state[s] = RESTLESS
  :: else -> state[s] = ASLEEP
  fi
}

/* zmqglib-poll-set.c, query_hot () */
inline query_hot (i, there)
{
  i = 0;
  do
  :: i < N_SOCKETS ->
     if
     :: state[i] == HOT -> query (i, there); settle (i, there)
     :: else
     fi;
     i++
  :: else -> break
  od
}

/* zmqglib-poll-set.c, heat_restless () */
inline heat_restless (i)
{
#ifndef NO_RESTLESS
  i = 0;
  do
  :: i < N_SOCKETS ->
     if
     :: state[i] == RESTLESS && (is_wanted[i] || (i == 0 && is_exposed)) -> state[i] = HOT
     :: else
     fi;
     i++
  :: else -> break
  od
#else
  skip
#endif
}

/* zmqglib-poll-set.c, collect (): those whose descriptors are readable */
inline collect (i)
{
#ifndef NO_COLLECT
  i = 0;
  do
  :: i < N_SOCKETS ->
     if
     :: has_command[i] && (state[i] == ASLEEP || state[i] == RESTLESS) -> state[i] = HOT
     :: else
     fi;
     i++
  :: else -> break
  od
#else
  skip
#endif
}

/* zmqglib-agenda-struct-private.h, zmqglib_agenda_run_errands (): what was posted has somebody listen. The descriptor is
 * emptied before the queue is looked into. */
inline run_errands ()
{
#ifdef NO_EMPTY_BEFORE_RUN
  if
  :: n_posted > 0 -> has_done = true; n_posted = 0; is_wanted[1] = true; changed (1)
  :: else
  fi;
  is_awake = false
#else
  is_awake = false;
  if
  :: n_posted > 0 -> has_done = true; n_posted = 0; is_wanted[1] = true; changed (1)
  :: else
  fi
#endif
}

/* What a program does between, in the loop's thread: another source's callback, or the handler of a message. */
inline act (s, got, may_be_foreign)
{
  if
  /* sends, which processes commands */
  :: n_acts > 0 -> n_acts--; has_done = true; s = 0; process (s); touch (s)
  :: n_acts > 0 -> n_acts--; has_done = true; s = 1; process (s); touch (s)
  /* receives by itself */
  :: n_acts > 0 -> n_acts--; has_done = true; s = 1; receive (s, got); touch (s)
  /* listens, or does not any more */
  :: n_acts > 0 -> n_acts--; has_done = true; s = 0; is_wanted[s] = !is_wanted[s]; changed (s)
  :: n_acts > 0 -> n_acts--; has_done = true; s = 1; is_wanted[s] = !is_wanted[s]; changed (s)
  /* foreign code uses the handle, unseen; not in a source's prepare function after ours, of which nobody could know */
  :: n_acts > 0 && is_exposed && may_be_foreign -> n_acts--; has_done = true; s = 0; process (s)
  :: true
  fi
}

chan ended = [0] of { bool };

/* A main loop: the outer one for ever, a handler's for one iteration. */
proctype Loop (byte depth)
{
  byte i, s, n_got, n_served;
  bool there, got;

  do
  :: true ->
     /* GLib: all sources are prepared, then polled, then checked */
     d_step {
       has_done = false;
       is_blocking = false
     };
     run_errands ();
#ifndef NO_PREPARE_QUERY
     atomic { heat_restless (i) };
     atomic { query_hot (i, there) };
#else
     atomic { i = 0; do :: i < N_SOCKETS -> if :: state[i] == HOT -> state[i] = ASLEEP :: else fi; i++ :: else -> break od };
#endif
     is_blocking = (state[0] != READY && state[1] != READY);
     /* another source is prepared after ours, and does something */
     if
     :: depth == 0 -> atomic { act (s, got, false) }
     :: true
     fi;

     if
     :: is_blocking && depth == 0 ->
end_poll:
        (has_command[0] || has_command[1] || is_awake)
     :: else
     fi;

     /* zmqglib-poll-set.c, zmqglib_poll_set_check () */
     is_blocking = false;
     run_errands ();
     atomic { collect (i) };
     atomic { query_hot (i, there) };

     /* zmqglib-poll-set.c, zmqglib_poll_set_dispatch () */
     n_served = 0;
     do
     :: state[0] == READY || state[1] == READY ->
        if
        :: state[0] == READY -> i = 0
        :: else -> i = 1
        fi;
        /* serve () */
        d_step { is_touched[i] = false; state[i] = SERVED; has_done = true };
        n_served++;
        assert (n_served <= 2 * N_MESSAGES + 2 * N_ACTS + 4);
        got = true;
        n_got = 0;
        do
        :: got && is_wanted[i] ->
           atomic { receive (i, got) };
           if
           :: got -> n_got++; atomic { act (s, there, true) }
           :: else
           fi;
           if
           :: depth == 0 && n_acts > 0 -> n_acts--; run Loop (1); ended ? _
           :: true
           fi
        /* nothing is left, or nobody listens any more, or the share is over */
        :: !got || !is_wanted[i] || n_got > 0 -> break
        od;
        /* conclude (): what the owner knows counts, unless the socket was used meanwhile */
        atomic {
          if
          :: !got && !is_touched[i] -> settle (i, false)
#ifdef NO_TOUCHED
          :: !got && is_touched[i] -> settle (i, false)
#endif
          :: else -> state[i] = HOT; keep_from_blocking ()
          fi
        };
        atomic { query_hot (i, there) }
     /* nothing is ready, or the slice is used up */
     :: n_served > 0 || (state[0] != READY && state[1] != READY) -> break
     od;

     if
     :: depth > 0 -> ended ! true; break
     :: else
     fi;
     /* another source is dispatched */
     atomic { act (s, got, true) };
     atomic {
       i = 0;
       s = 0;
       n_got = 0;
       n_served = 0;
       there = false;
       got = false;
       if
       :: has_done -> n_idle = 0
       :: else -> n_idle++; assert (n_idle <= N_IDLE + N_MESSAGES * N_SOCKETS)
       fi
     }
  od
}

/* A peer, as libzmq's I/O thread hands over what it sends: the message, then the command. */
proctype Peer (byte s; byte n)
{
  do
  :: n > 0 ->
     n--;
     atomic {
       n_waiting[s]++;
       if
       :: is_dozing[s] -> is_dozing[s] = false; has_command[s] = true
       :: else
       fi
     };
     n_idle = 0
  :: else -> break
  od
}

/* zmqglib-agenda-queue.c, zmqglib_agenda_queue_push (), and zmqglib_agenda_wake (): in another thread */
proctype Poster ()
{
  byte n = N_POSTS;

  do
  :: n > 0 ->
     n--;
#ifdef NO_PUSH_BEFORE_WAKE
     is_awake = true;
     n_posted++;
#else
     n_posted++;
#ifndef NO_WAKE
     is_awake = true;
#endif
#endif
     n_idle = 0
  :: else -> break
  od
}

/* When nothing moves any more, nothing is left to do. */
proctype Rest ()
{
  timeout ->
  assert (n_posted == 0);
  assert (!(n_waiting[0] > 0 && is_wanted[0]));
  assert (!(n_waiting[1] > 0 && is_wanted[1]))
}

init
{
  atomic {
    is_dozing[0] = true;
    is_dozing[1] = true;
    state[0] = HOT;
    state[1] = HOT;
    is_wanted[0] = true;
    is_wanted[1] = false;
    n_acts = N_ACTS;
    if
    :: is_exposed = true
    :: is_exposed = false
    fi;
    run Loop (0);
    run Peer (0, N_MESSAGES);
    run Peer (1, 1);
    run Poster ();
    run Rest ()
  }
}
