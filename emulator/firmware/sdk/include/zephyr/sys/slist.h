/* A singly linked list: a node lives inside the element. */
#ifndef NRF91EMU_ZEPHYR_SYS_SLIST_H_
#define NRF91EMU_ZEPHYR_SYS_SLIST_H_

#include <stdbool.h>
#include <stddef.h>
#include <zephyr/sys/util.h>

struct _snode {
	struct _snode *next;
};
typedef struct _snode sys_snode_t;

struct _slist {
	sys_snode_t *head;
	sys_snode_t *tail;
};
typedef struct _slist sys_slist_t;

#define SYS_SLIST_STATIC_INIT(list) { NULL, NULL }

#define SYS_SLIST_FOR_EACH_NODE(list, n) for (n = sys_slist_peek_head(list); n != NULL; n = sys_slist_peek_next(n))
#define SYS_SLIST_FOR_EACH_NODE_SAFE(list, n, ns)                                                  \
	for (n = sys_slist_peek_head(list), ns = sys_slist_peek_next(n); n != NULL;                \
	     n = ns, ns = sys_slist_peek_next(n))
#define SYS_SLIST_CONTAINER(n, c, member) ((n) != NULL ? CONTAINER_OF(n, __typeof__(*(c)), member) : NULL)
#define SYS_SLIST_PEEK_HEAD_CONTAINER(list, c, member) SYS_SLIST_CONTAINER(sys_slist_peek_head(list), c, member)
#define SYS_SLIST_PEEK_TAIL_CONTAINER(list, c, member) SYS_SLIST_CONTAINER(sys_slist_peek_tail(list), c, member)
#define SYS_SLIST_PEEK_NEXT_CONTAINER(c, member)                                                   \
	((c) != NULL ? SYS_SLIST_CONTAINER(sys_slist_peek_next(&(c)->member), c, member) : NULL)
#define SYS_SLIST_FOR_EACH_CONTAINER(list, c, member)                                              \
	for (c = SYS_SLIST_PEEK_HEAD_CONTAINER(list, c, member); c != NULL;                        \
	     c = SYS_SLIST_PEEK_NEXT_CONTAINER(c, member))
#define SYS_SLIST_FOR_EACH_CONTAINER_SAFE(list, c, cs, member)                                     \
	for (c = SYS_SLIST_PEEK_HEAD_CONTAINER(list, c, member),                                   \
	    cs = SYS_SLIST_PEEK_NEXT_CONTAINER(c, member);                                         \
	     c != NULL; c = cs, cs = SYS_SLIST_PEEK_NEXT_CONTAINER(c, member))

static inline void sys_slist_init(sys_slist_t *list)
{
	list->head = NULL;
	list->tail = NULL;
}
static inline sys_snode_t *sys_slist_peek_head(sys_slist_t *list) { return list->head; }
static inline sys_snode_t *sys_slist_peek_tail(sys_slist_t *list) { return list->tail; }
static inline sys_snode_t *sys_slist_peek_next(sys_snode_t *node) { return node != NULL ? node->next : NULL; }
static inline bool sys_slist_is_empty(sys_slist_t *list) { return list->head == NULL; }
static inline void sys_slist_prepend(sys_slist_t *list, sys_snode_t *node)
{
	node->next = list->head;
	list->head = node;
	if (list->tail == NULL) {
		list->tail = node;
	}
}
static inline void sys_slist_append(sys_slist_t *list, sys_snode_t *node)
{
	node->next = NULL;
	if (list->tail != NULL) {
		list->tail->next = node;
	} else {
		list->head = node;
	}
	list->tail = node;
}
static inline void sys_slist_insert(sys_slist_t *list, sys_snode_t *prev, sys_snode_t *node)
{
	if (prev == NULL) {
		sys_slist_prepend(list, node);
	} else if (prev->next == NULL) {
		sys_slist_append(list, node);
	} else {
		node->next = prev->next;
		prev->next = node;
	}
}
static inline void sys_slist_remove(sys_slist_t *list, sys_snode_t *prev, sys_snode_t *node)
{
	if (prev == NULL) {
		list->head = node->next;
	} else {
		prev->next = node->next;
	}
	if (list->tail == node) {
		list->tail = prev;
	}
	node->next = NULL;
}
static inline sys_snode_t *sys_slist_get(sys_slist_t *list)
{
	sys_snode_t *node = list->head;

	if (node != NULL) {
		sys_slist_remove(list, NULL, node);
	}
	return node;
}
static inline sys_snode_t *sys_slist_get_not_empty(sys_slist_t *list) { return sys_slist_get(list); }
static inline bool sys_slist_find(sys_slist_t *list, sys_snode_t *node, sys_snode_t **prev)
{
	sys_snode_t *before = NULL;

	for (sys_snode_t *n = list->head; n != NULL; before = n, n = n->next) {
		if (n == node) {
			if (prev != NULL) {
				*prev = before;
			}
			return true;
		}
	}
	return false;
}
static inline bool sys_slist_find_and_remove(sys_slist_t *list, sys_snode_t *node)
{
	sys_snode_t *prev;

	if (!sys_slist_find(list, node, &prev)) {
		return false;
	}
	sys_slist_remove(list, prev, node);
	return true;
}
static inline size_t sys_slist_len(sys_slist_t *list)
{
	size_t len = 0;

	for (sys_snode_t *n = list->head; n != NULL; n = n->next) {
		len++;
	}
	return len;
}

#endif
