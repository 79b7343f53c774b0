/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The first rule of life: what is in a loop is never the object. A thread drops the last reference to an object while
 * another, which runs its main loop, serves it and tells what was posted.
 *
 * Checked: nobody touches what was freed, the object is disposed of once, and in the end nothing is left.
 *
 * Each rule can be left out, with a definition of spin's:
 *   NO_POST            who drops an object only tells its core, which leaves the loop where that is run
 *   NO_REF_OF_POST     what is posted has a reference of its own
 *   NO_REF_OF_SERVING  so has who calls a handler
 *   NO_ATOMIC_FIND     an object is found or is not, and cannot go in between
 *   NO_REF_OF_WAKING   who tells another main loop something has a reference to what that is woken by, until it has done so
 */

#define N_TELLINGS 2
#define N_SERVINGS 2

byte n_object = 1;  /* references to the object */
byte n_core = 2;    /* to the core: the object's, and that of the loop */
bool is_disposed;
bool is_freed;      /* the core */
bool is_in_loop = true;
byte n_closes;      /* errands that are on their way, as the next */
byte n_tellings;
byte n_left = N_SERVINGS; /* messages that come in */

byte n_agenda = 1;  /* references to the agenda of who waits: that of the wait, which goes with its completion */
bool is_agenda_freed;
bool is_completed;  /* a completion is on its way */

inline use ()
{
  assert (!is_freed)
}

inline unref_core ()
{
  atomic {
    assert (n_core > 0 && !is_freed);
    n_core--;
    if
    :: n_core == 0 -> is_freed = true
    :: else
    fi
  }
}

inline leave ()
{
  if
  :: is_in_loop -> is_in_loop = false; unref_core ()
  :: else
  fi
}

/* dispose () and finalize () of the object, in whatever thread: it only tells the core */
inline dispose ()
{
  assert (!is_disposed);
  is_disposed = true;
#ifdef NO_POST
  leave ();
#else
  use ();
#ifndef NO_REF_OF_POST
  n_core++;
#endif
  n_closes++;
#endif
  unref_core ()
}

inline unref_object (is_last)
{
  atomic {
    assert (n_object > 0);
    n_object--;
    is_last = (n_object == 0)
  };
  if
  :: is_last -> dispose ()
  :: else
  fi
}

/* zmqglib-front.c, zmqglib_front_dup (): an object that nobody has is not found */
inline find_object (is_found)
{
#ifdef NO_ATOMIC_FIND
  is_found = (n_object > 0);
  if
  :: is_found -> n_object++
  :: else
  fi
#else
  atomic {
    is_found = (n_object > 0);
    if
    :: is_found -> n_object++
    :: else
    fi
  }
#endif
}

/* what was posted, each with a reference of its own */
inline close_posted ()
{
  n_closes--;
  use ();
  leave ();
#ifndef NO_REF_OF_POST
  unref_core ()
#endif
}

proctype Loop ()
{
  bool is_last, is_found;

end_idle:
  do
  :: n_closes > 0 -> close_posted ()
  :: n_tellings > 0 ->
     n_tellings--;
     use ();
     find_object (is_found);
     if
     :: is_found ->
        /* a handler, which has the object */
        assert (!is_disposed);
        unref_object (is_last)
     :: else
     fi;
     use ();
#ifndef NO_REF_OF_POST
     unref_core ()
#endif
  /* zmqglib-poll-set.c, serve () */
  :: is_in_loop && n_left > 0 ->
     n_left--;
     use ();
#ifndef NO_REF_OF_SERVING
     n_core++;
#endif
     /* the handler may run a loop of its own */
     if
     :: n_closes > 0 -> close_posted ()
     :: true
     fi;
     use ();
#ifndef NO_REF_OF_SERVING
     unref_core ()
#endif
  od
}

inline unref_agenda ()
{
  atomic {
    assert (n_agenda > 0 && !is_agenda_freed);
    n_agenda--;
    if
    :: n_agenda == 0 -> is_agenda_freed = true
    :: else
    fi
  }
}

/* zmqglib-agenda-entry.c, zmqglib_agenda_tell (): by whatever thread ends a wait */
proctype Teller ()
{
#ifndef NO_REF_OF_WAKING
  n_agenda++;
#endif
  is_completed = true;
  assert (!is_agenda_freed);
#ifndef NO_REF_OF_WAKING
  unref_agenda ()
#endif
}

/* The loop of who waits, which may look for itself before it is woken; zmqglib-completion.c, tell_completion (). */
proctype Waiter ()
{
  is_completed -> unref_agenda ()
}

/* The program, in another thread. */
proctype Program ()
{
  byte n = N_TELLINGS;
  bool is_last;

  do
  :: n > 0 ->
     n--;
     use ();
#ifndef NO_REF_OF_POST
     n_core++;
#endif
     n_tellings++
  :: break
  od;
  unref_object (is_last)
}

proctype Rest ()
{
  timeout ->
  assert (is_disposed && is_freed && !is_in_loop);
  assert (n_object == 0 && n_closes == 0 && n_tellings == 0);
  assert (is_agenda_freed)
}

init
{
  atomic {
    run Loop ();
    run Program ();
    run Teller ();
    run Waiter ();
    run Rest ()
  }
}
