/* Values by name in a file in NRF91EMU_DATA, for settings and NVS. */
#ifndef NCSH_KEPT_H_
#define NCSH_KEPT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ncsh_kept_entry {
	char *name;
	uint8_t *value;
	size_t len;
	struct ncsh_kept_entry *next;
};

/* A file of its own; callers see to it that one thread at a time uses it. */
struct ncsh_kept {
	const char *file;
	struct ncsh_kept_entry *entries;
	bool loaded;
};

/* Reads the file if that has not been done; 0, or -EIO if it is damaged. */
int ncsh_kept_load(struct ncsh_kept *kept);
struct ncsh_kept_entry *ncsh_kept_find(struct ncsh_kept *kept, const char *name);
/* These change the file: 0, -ENOMEM, or -EIO if it cannot be written. A NULL value deletes. */
int ncsh_kept_set(struct ncsh_kept *kept, const char *name, const void *value, size_t len);
int ncsh_kept_clear(struct ncsh_kept *kept);

#endif
