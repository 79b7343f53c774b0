/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmqglib/zmqglib.h>

G_BEGIN_DECLS

/* What the fuzzers share. Each is a program that is given bytes, plays what they say, and ends with what is not so. The
 * same bytes play the same: a fuzzer draws no numbers, and waits for nothing but what it has caused. */

/* of libFuzzer, or of replay.c */
int LLVMFuzzerInitialize (int    *argc,
                          char ***argv);
int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         size);

/* Ends the program, which tells libFuzzer what to keep. */
#define fuzz_fail(...)                                     \
  G_STMT_START                                             \
  {                                                        \
    fprintf (stderr, "fuzz: %s:%d: ", __FILE__, __LINE__); \
    fprintf (stderr, __VA_ARGS__);                         \
    fprintf (stderr, "\n");                                \
    abort ();                                              \
  }                                                        \
  G_STMT_END

#define fuzz_assert(expression)                           \
  G_STMT_START                                            \
  {                                                       \
    if (!(expression))                                    \
      fuzz_fail ("not so: %s", G_STRINGIFY (expression)); \
  }                                                       \
  G_STMT_END

/* What is left of the bytes. All that is read after the end is zero, or empty. */
typedef struct
{
  const guint8 *data;
  gsize         size;
} FuzzInput;

guint8 fuzz_take_byte (FuzzInput *self);
/* below @n */
guint fuzz_take_number (FuzzInput *self,
                        guint      n);
/* so many, as far as there are */
const guint8 *fuzz_take_data (FuzzInput *self,
                              gsize      wanted,
                              gsize     *size);
/* after a byte that tells how many there are, or for some that there are many */
GBytes *fuzz_take_bytes (FuzzInput *self);
/* likewise, without a NUL */
char *fuzz_take_string (FuzzInput *self);

/* What is said of an error: a sentence, which people can read. Its address, since a compiler may look at what a call sets
 * before it calls. */
void fuzz_check_error (gboolean       is_success,
                       GError *const *error);

/* Lets the thread-default main context do what it has to do by now: whether that was all. */
gboolean fuzz_settle (guint max_iterations);

/* The function of that name of the libraries, for one that is in its place. */
gpointer fuzz_find_next (const char *name);

/* A folder of the process's own, which is not there any more when it ends. */
const char *fuzz_get_folder (void);

G_END_DECLS
