/* Atomic words and bits. All orders are sequentially consistent. */
#ifndef NRF91EMU_ZEPHYR_SYS_ATOMIC_H_
#define NRF91EMU_ZEPHYR_SYS_ATOMIC_H_

#include <stdbool.h>
#include <stddef.h>
#include <zephyr/sys/util.h>

typedef long atomic_t;
typedef atomic_t atomic_val_t;
typedef void *atomic_ptr_t;
typedef atomic_ptr_t atomic_ptr_val_t;

#define ATOMIC_INIT(i) (i)
#define ATOMIC_PTR_INIT(p) (p)
#define ATOMIC_BITS (sizeof(atomic_val_t) * 8)
#define ATOMIC_BITMAP_SIZE(bits) (1 + ((bits) - 1) / ATOMIC_BITS)
#define ATOMIC_DEFINE(name, bits) atomic_t name[ATOMIC_BITMAP_SIZE(bits)]
#define Z_ATOMIC_MASK(bit) ((atomic_val_t)(1UL << ((unsigned long)(bit) & (ATOMIC_BITS - 1))))
#define Z_ATOMIC_ELEM(addr, bit) ((addr) + ((bit) / ATOMIC_BITS))

static inline atomic_val_t atomic_get(const atomic_t *t) { return __atomic_load_n(t, __ATOMIC_SEQ_CST); }
static inline atomic_val_t atomic_set(atomic_t *t, atomic_val_t v) { return __atomic_exchange_n(t, v, __ATOMIC_SEQ_CST); }
static inline atomic_val_t atomic_clear(atomic_t *t) { return atomic_set(t, 0); }
static inline atomic_val_t atomic_add(atomic_t *t, atomic_val_t v) { return __atomic_fetch_add(t, v, __ATOMIC_SEQ_CST); }
static inline atomic_val_t atomic_sub(atomic_t *t, atomic_val_t v) { return __atomic_fetch_sub(t, v, __ATOMIC_SEQ_CST); }
static inline atomic_val_t atomic_inc(atomic_t *t) { return atomic_add(t, 1); }
static inline atomic_val_t atomic_dec(atomic_t *t) { return atomic_sub(t, 1); }
static inline atomic_val_t atomic_or(atomic_t *t, atomic_val_t v) { return __atomic_fetch_or(t, v, __ATOMIC_SEQ_CST); }
static inline atomic_val_t atomic_xor(atomic_t *t, atomic_val_t v) { return __atomic_fetch_xor(t, v, __ATOMIC_SEQ_CST); }
static inline atomic_val_t atomic_and(atomic_t *t, atomic_val_t v) { return __atomic_fetch_and(t, v, __ATOMIC_SEQ_CST); }
static inline atomic_val_t atomic_nand(atomic_t *t, atomic_val_t v) { return __atomic_fetch_nand(t, v, __ATOMIC_SEQ_CST); }
static inline bool atomic_cas(atomic_t *t, atomic_val_t old_value, atomic_val_t new_value)
{
	return __atomic_compare_exchange_n(t, &old_value, new_value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
static inline atomic_ptr_val_t atomic_ptr_get(const atomic_ptr_t *t) { return __atomic_load_n(t, __ATOMIC_SEQ_CST); }
static inline atomic_ptr_val_t atomic_ptr_set(atomic_ptr_t *t, atomic_ptr_val_t v) { return __atomic_exchange_n(t, v, __ATOMIC_SEQ_CST); }
static inline atomic_ptr_val_t atomic_ptr_clear(atomic_ptr_t *t) { return atomic_ptr_set(t, NULL); }
static inline bool atomic_ptr_cas(atomic_ptr_t *t, atomic_ptr_val_t old_value, atomic_ptr_val_t new_value)
{
	return __atomic_compare_exchange_n(t, &old_value, new_value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}
static inline bool atomic_test_bit(const atomic_t *t, int bit)
{
	return (atomic_get(Z_ATOMIC_ELEM(t, bit)) & Z_ATOMIC_MASK(bit)) != 0;
}
static inline bool atomic_test_and_clear_bit(atomic_t *t, int bit)
{
	return (atomic_and(Z_ATOMIC_ELEM(t, bit), ~Z_ATOMIC_MASK(bit)) & Z_ATOMIC_MASK(bit)) != 0;
}
static inline bool atomic_test_and_set_bit(atomic_t *t, int bit)
{
	return (atomic_or(Z_ATOMIC_ELEM(t, bit), Z_ATOMIC_MASK(bit)) & Z_ATOMIC_MASK(bit)) != 0;
}
static inline void atomic_clear_bit(atomic_t *t, int bit) { (void)atomic_test_and_clear_bit(t, bit); }
static inline void atomic_set_bit(atomic_t *t, int bit) { (void)atomic_test_and_set_bit(t, bit); }
static inline void atomic_set_bit_to(atomic_t *t, int bit, bool value)
{
	if (value) {
		atomic_set_bit(t, bit);
	} else {
		atomic_clear_bit(t, bit);
	}
}

#endif
