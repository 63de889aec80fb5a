/* What the firmware says when it dies, and where it is when somebody asks. */
#ifndef Z_CRASH_H_
#define Z_CRASH_H_

/* Catches crashes, and SIGQUIT, which asks where the threads are. For the first thread of the
 * program, before there are others. */
void z_crash_catch(void);

/* Prepares a further thread, the calling one: without memory of its own for that, the overflow of
 * its stack could not be reported. */
void z_crash_thread(void);

#endif
