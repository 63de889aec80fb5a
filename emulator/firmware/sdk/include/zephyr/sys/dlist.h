/* A doubly linked list: a ring through its head; a node lives inside the element. */
#ifndef NRF91EMU_ZEPHYR_SYS_DLIST_H_
#define NRF91EMU_ZEPHYR_SYS_DLIST_H_

#include <stdbool.h>
#include <stddef.h>
#include <zephyr/sys/util.h>

struct _dnode {
	union {
		struct _dnode *head;
		struct _dnode *next;
	};
	union {
		struct _dnode *tail;
		struct _dnode *prev;
	};
};
typedef struct _dnode sys_dlist_t;
typedef struct _dnode sys_dnode_t;

#define SYS_DLIST_STATIC_INIT(list) { { (list) }, { (list) } }

#define SYS_DLIST_FOR_EACH_NODE(list, n) for (n = sys_dlist_peek_head(list); n != NULL; n = sys_dlist_peek_next(list, n))
#define SYS_DLIST_FOR_EACH_NODE_SAFE(list, n, ns)                                                  \
	for (n = sys_dlist_peek_head(list), ns = sys_dlist_peek_next(list, n); n != NULL;          \
	     n = ns, ns = sys_dlist_peek_next(list, n))
#define SYS_DLIST_CONTAINER(n, c, member) ((n) != NULL ? CONTAINER_OF(n, __typeof__(*(c)), member) : NULL)
#define SYS_DLIST_PEEK_HEAD_CONTAINER(list, c, member) SYS_DLIST_CONTAINER(sys_dlist_peek_head(list), c, member)
#define SYS_DLIST_PEEK_NEXT_CONTAINER(list, c, member)                                             \
	((c) != NULL ? SYS_DLIST_CONTAINER(sys_dlist_peek_next(list, &(c)->member), c, member) : NULL)
#define SYS_DLIST_FOR_EACH_CONTAINER(list, c, member)                                              \
	for (c = SYS_DLIST_PEEK_HEAD_CONTAINER(list, c, member); c != NULL;                        \
	     c = SYS_DLIST_PEEK_NEXT_CONTAINER(list, c, member))
#define SYS_DLIST_FOR_EACH_CONTAINER_SAFE(list, c, cs, member)                                     \
	for (c = SYS_DLIST_PEEK_HEAD_CONTAINER(list, c, member),                                   \
	    cs = SYS_DLIST_PEEK_NEXT_CONTAINER(list, c, member);                                   \
	     c != NULL; c = cs, cs = SYS_DLIST_PEEK_NEXT_CONTAINER(list, c, member))

static inline void sys_dlist_init(sys_dlist_t *list)
{
	list->head = list;
	list->tail = list;
}
static inline void sys_dnode_init(sys_dnode_t *node)
{
	node->next = NULL;
	node->prev = NULL;
}
static inline bool sys_dnode_is_linked(const sys_dnode_t *node) { return node->next != NULL; }
static inline bool sys_dlist_is_empty(sys_dlist_t *list) { return list->head == list; }
static inline bool sys_dlist_is_head(sys_dlist_t *list, sys_dnode_t *node) { return list->head == node; }
static inline bool sys_dlist_is_tail(sys_dlist_t *list, sys_dnode_t *node) { return list->tail == node; }
static inline sys_dnode_t *sys_dlist_peek_head(sys_dlist_t *list) { return sys_dlist_is_empty(list) ? NULL : list->head; }
static inline sys_dnode_t *sys_dlist_peek_tail(sys_dlist_t *list) { return sys_dlist_is_empty(list) ? NULL : list->tail; }
static inline sys_dnode_t *sys_dlist_peek_next(sys_dlist_t *list, sys_dnode_t *node)
{
	return node == NULL || node == list->tail ? NULL : node->next;
}
static inline sys_dnode_t *sys_dlist_peek_prev(sys_dlist_t *list, sys_dnode_t *node)
{
	return node == NULL || node == list->head ? NULL : node->prev;
}
static inline void sys_dlist_insert(sys_dnode_t *successor, sys_dnode_t *node)
{
	node->prev = successor->prev;
	node->next = successor;
	successor->prev->next = node;
	successor->prev = node;
}
static inline void sys_dlist_append(sys_dlist_t *list, sys_dnode_t *node) { sys_dlist_insert(list, node); }
static inline void sys_dlist_prepend(sys_dlist_t *list, sys_dnode_t *node) { sys_dlist_insert(list->head, node); }
static inline void sys_dlist_remove(sys_dnode_t *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	sys_dnode_init(node);
}
static inline sys_dnode_t *sys_dlist_get(sys_dlist_t *list)
{
	sys_dnode_t *node = sys_dlist_peek_head(list);

	if (node != NULL) {
		sys_dlist_remove(node);
	}
	return node;
}
static inline size_t sys_dlist_len(sys_dlist_t *list)
{
	size_t len = 0;
	sys_dnode_t *n;

	SYS_DLIST_FOR_EACH_NODE(list, n) {
		len++;
	}
	return len;
}

#endif
