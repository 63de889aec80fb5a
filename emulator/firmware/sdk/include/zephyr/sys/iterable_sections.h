/*
 * Objects that are collected under the name of their type.
 *
 * On the device the linker puts them side by side. Here each object says at the
 * start of the program that it is there, which needs no linker script and works
 * with every object format; the order is that of the objects' names, as after
 * the linker's sorting.
 */
#ifndef NRF91EMU_ZEPHYR_SYS_ITERABLE_SECTIONS_H_
#define NRF91EMU_ZEPHYR_SYS_ITERABLE_SECTIONS_H_

#include <stddef.h>
#include <zephyr/toolchain.h>
#include <zephyr/sys/util_macro.h>

struct z_section_item {
	const char *section;
	const char *name;
	void *object;
	struct z_section_item *next;
};

void z_section_add(struct z_section_item *item);
/* The object after the given one in the section, the first for NULL; NULL at the end. */
void *z_section_next(const char *section, const void *after);
size_t z_section_count(const char *section);
void *z_section_get(const char *section, size_t index);

#define Z_SECTION_ITEM(secname, type, varname)                                                     \
	static struct z_section_item z_section_item_##varname = { .section = #secname,             \
								  .name = #varname,                \
								  .object = (void *)&varname };    \
	__attribute__((__constructor__)) static void z_section_add_##varname(void)                 \
	{                                                                                          \
		z_section_add(&z_section_item_##varname);                                          \
	}                                                                                          \
	struct z_section_item

#define STRUCT_SECTION_ITERABLE_ALTERNATE(secname, type, varname)                                  \
	extern struct type varname;                                                                \
	Z_SECTION_ITEM(secname, type, varname);                                                    \
	struct type varname
#define STRUCT_SECTION_ITERABLE(type, varname) STRUCT_SECTION_ITERABLE_ALTERNATE(type, type, varname)
#define STRUCT_SECTION_ITERABLE_NAMED(type, name, varname) STRUCT_SECTION_ITERABLE(type, varname)

#define STRUCT_SECTION_FOREACH_ALTERNATE(secname, type, it)                                        \
	for (struct type *it = z_section_next(#secname, NULL); it != NULL; it = z_section_next(#secname, it))
#define STRUCT_SECTION_FOREACH(type, it) STRUCT_SECTION_FOREACH_ALTERNATE(type, type, it)
#define STRUCT_SECTION_COUNT(type, dst) (*(dst) = z_section_count(#type))
#define STRUCT_SECTION_GET(type, i, dst) (*(dst) = z_section_get(#type, (i)))

#endif
