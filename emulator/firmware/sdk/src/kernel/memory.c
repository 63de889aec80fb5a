/* Heaps and slabs. A heap counts its bytes, so that memory runs out as on the device;
 * the bytes are the host's, so that a sanitizer sees every mistake. */
#include "kernel/sched.h"

#ifndef CONFIG_HEAP_MEM_POOL_SIZE
#define CONFIG_HEAP_MEM_POOL_SIZE 0
#endif

/* What precedes a block: its size as counted and as asked for. */
struct header {
	size_t size, bytes;
	void *block;
};

/* A chunk has a header of four or eight bytes on the device and comes in units of eight. */
#define OVERHEAD 8

static struct k_heap system_heap = { .size = CONFIG_HEAP_MEM_POOL_SIZE };

void k_heap_init(struct k_heap *heap, void *mem, size_t bytes)
{
	(void)mem;
	*heap = (struct k_heap){ .size = bytes };
}

static void *heap_take(struct k_heap *heap, size_t align, size_t bytes)
{
	size_t size = ROUND_UP(bytes, 8) + OVERHEAD;
	char *block, *mem;

	if (bytes == 0 || size < bytes || size > heap->size - heap->used) {
		return NULL;
	}
	align = MAX(align, sizeof(z_max_align_t));
	block = malloc(sizeof(struct header) + align + bytes);
	if (block == NULL) {
		return NULL;
	}
	mem = (char *)ROUND_UP((uintptr_t)block + sizeof(struct header), align);
	struct header header = { size, bytes, block };

	memcpy(mem - sizeof(header), &header, sizeof(header));
	heap->used += size;
	return mem;
}

void *k_heap_aligned_alloc(struct k_heap *heap, size_t align, size_t bytes, k_timeout_t timeout)
{
	int64_t deadline = z_deadline(timeout);
	void *mem;

	z_lock();
	while ((mem = heap_take(heap, align, bytes)) == NULL && !z_no_wait(timeout) && bytes > 0) {
		if (z_pend(&heap->waitq, timeout) != 0) {
			break;
		}
		if (!z_forever(timeout)) {
			timeout = K_TICKS(z_ticks_left(deadline));
		}
	}
	z_unlock();
	return mem;
}

void *k_heap_alloc(struct k_heap *heap, size_t bytes, k_timeout_t timeout)
{
	return k_heap_aligned_alloc(heap, sizeof(void *), bytes, timeout);
}

void *k_heap_calloc(struct k_heap *heap, size_t num, size_t size, k_timeout_t timeout)
{
	size_t bytes;
	void *mem;

	if (__builtin_mul_overflow(num, size, &bytes)) {
		return NULL;
	}
	mem = k_heap_alloc(heap, bytes, timeout);
	return mem != NULL ? memset(mem, 0, bytes) : NULL;
}

void k_heap_free(struct k_heap *heap, void *mem)
{
	struct header header;

	if (mem == NULL) {
		return;
	}
	memcpy(&header, (char *)mem - sizeof(header), sizeof(header));
	z_lock();
	heap->used -= header.size;
	z_wake_all(&heap->waitq, 0);
	z_unlock();
	free(header.block);
}

void *k_heap_realloc(struct k_heap *heap, void *ptr, size_t bytes, k_timeout_t timeout)
{
	struct header header;
	void *mem;

	if (ptr == NULL) {
		return k_heap_alloc(heap, bytes, timeout);
	}
	if (bytes == 0) {
		k_heap_free(heap, ptr);
		return NULL;
	}
	memcpy(&header, (char *)ptr - sizeof(header), sizeof(header));
	mem = k_heap_alloc(heap, bytes, timeout);
	if (mem != NULL) {
		memcpy(mem, ptr, MIN(bytes, header.bytes));
		k_heap_free(heap, ptr);
	}
	return mem;
}

void *k_aligned_alloc(size_t align, size_t size)
{
	return k_heap_aligned_alloc(&system_heap, align, size, K_NO_WAIT);
}

void *k_malloc(size_t size)
{
	return k_heap_alloc(&system_heap, size, K_NO_WAIT);
}

void *k_calloc(size_t nmemb, size_t size)
{
	return k_heap_calloc(&system_heap, nmemb, size, K_NO_WAIT);
}

void *k_realloc(void *ptr, size_t size)
{
	return k_heap_realloc(&system_heap, ptr, size, K_NO_WAIT);
}

void k_free(void *ptr)
{
	k_heap_free(&system_heap, ptr);
}

/* ---- Slabs ---- */

int k_mem_slab_init(struct k_mem_slab *slab, void *buffer, size_t block_size, uint32_t num_blocks)
{
	if (((uintptr_t)buffer | block_size) % sizeof(void *) != 0) {
		return -EINVAL;
	}
	*slab = (struct k_mem_slab){ .block_size = block_size, .num_blocks = num_blocks, .buffer = buffer };
	return 0;
}

int k_mem_slab_alloc(struct k_mem_slab *slab, void **mem, k_timeout_t timeout)
{
	int err = 0;

	z_lock();
	if (slab->free_list != NULL) {
		*mem = slab->free_list;
		memcpy(&slab->free_list, *mem, sizeof(void *));
		slab->num_used++;
	} else if (slab->unused < slab->num_blocks) {
		*mem = slab->buffer + slab->block_size * slab->unused++;
		slab->num_used++;
	} else if (z_no_wait(timeout)) {
		*mem = NULL;
		err = -ENOMEM;
	} else {
		err = z_pend(&slab->waitq, timeout);
		*mem = err == 0 ? z_self()->data : NULL;
	}
	z_unlock();
	return err;
}

void z_mem_slab_free(struct k_mem_slab *slab, void *mem)
{
	z_lock();
	if (slab->waitq.head != NULL) {
		slab->waitq.head->data = mem;
		z_wake_first(&slab->waitq, 0);
	} else {
		memcpy(mem, &slab->free_list, sizeof(void *));
		slab->free_list = mem;
		slab->num_used--;
	}
	z_unlock();
}
