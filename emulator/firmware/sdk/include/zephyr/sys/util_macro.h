/* Macros that decide by whether a symbol is 1, and small loops of the preprocessor. */
#ifndef NRF91EMU_ZEPHYR_SYS_UTIL_MACRO_H_
#define NRF91EMU_ZEPHYR_SYS_UTIL_MACRO_H_

#define BIT(n) (1UL << (n))
#define BIT64(n) (1ULL << (n))
#define BIT_MASK(n) (BIT(n) - 1UL)
#define BIT64_MASK(n) (BIT64(n) - 1ULL)
#define IS_BIT_MASK(m) (((m) & ((m) + 1)) == 0)
#define IS_BIT_SET(value, bit) ((((value) >> (bit)) & 0x1) != 0)
#define IS_SHIFTED_BIT_MASK(m, s) (!((m) & (BIT(s) - 1)) && IS_BIT_MASK((m) >> (s)))
#define WRITE_BIT(var, bit, set) ((var) = (set) ? ((var) | BIT(bit)) : ((var) & ~BIT(bit)))

/* 1 becomes "Z_ONE," and thus one argument more; everything else stays one word. */
#define Z_ONE_1 Z_ONE,
#define Z_ONE_1U Z_ONE,
#define Z_IS_ONE(value) Z_IS_ONE_1(value)
#define Z_IS_ONE_1(value) Z_IS_ONE_2(Z_ONE_##value)
#define Z_IS_ONE_2(one_or_junk) Z_IS_ONE_3(one_or_junk 1, 0)
#define Z_IS_ONE_3(ignored, value, ...) value

/* 1 if the symbol is defined to 1, otherwise 0, also where it is not defined. */
#define IS_ENABLED(config) Z_IS_ONE(config)

#define Z_DEBRACKET(...) __VA_ARGS__
#define Z_COND(flag, yes, no) Z_COND_1(Z_ONE_##flag, yes, no)
#define Z_COND_1(one_or_junk, yes, no) Z_COND_2(one_or_junk yes, no)
#define Z_COND_2(ignored, value, ...) Z_DEBRACKET value

/* COND_CODE_1(flag, (code), (otherwise)) */
#define COND_CODE_1(flag, yes, no) Z_COND_CODE(flag, yes, no)
#define Z_COND_CODE(flag, yes, no) Z_COND(flag, yes, no)

#define Z_NIL_0 Z_ONE,
#define COND_CODE_0(flag, yes, no) Z_COND_CODE_0(flag, yes, no)
#define Z_COND_CODE_0(flag, yes, no) Z_COND_1(Z_NIL_##flag, yes, no)

#define IF_ENABLED(flag, code) COND_CODE_1(flag, code, ())
#define IF_DISABLED(flag, code) COND_CODE_1(flag, (), code)

#define Z_TAKE_SECOND(a, b, ...) b
#define Z_EMPTY_CHECK(...) Z_ARGS_N(__VA_ARGS__, 0)
#define IS_EMPTY(...) Z_IS_EMPTY_1(__VA_OPT__(0,) 1, 0)
#define Z_IS_EMPTY_1(a, ...) a
#define COND_CODE_EMPTY_1(yes, no) Z_DEBRACKET yes
#define COND_CODE_EMPTY_0(yes, no) Z_DEBRACKET no
#define IF_NOT_EMPTY(arg) UTIL_CAT(COND_CODE_EMPTY_, IS_EMPTY arg)((), arg)

#define UTIL_PRIMITIVE_CAT(a, ...) a##__VA_ARGS__
#define UTIL_CAT(a, ...) UTIL_PRIMITIVE_CAT(a, __VA_ARGS__)
#define CONCAT(a, ...) UTIL_CAT(a, __VA_ARGS__)
#define _CONCAT(a, b) UTIL_CAT(a, b)
#define STRINGIFY(...) Z_STRINGIFY(__VA_ARGS__)
#define Z_STRINGIFY(...) #__VA_ARGS__
#define EMPTY
#define IDENTITY(v) v
#define GET_ARG_N(n, ...) UTIL_CAT(Z_GET_ARG_, n)(__VA_ARGS__)
#define Z_GET_ARG_1(a, ...) a
#define Z_GET_ARG_2(a, b, ...) b
#define Z_GET_ARG_3(a, b, c, ...) c
#define NUM_VA_ARGS(...) Z_ARGS_N(__VA_ARGS__)
#define NUM_VA_ARGS_LESS_1(...) Z_ARGS_LESS_1(__VA_ARGS__, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define Z_ARGS_LESS_1(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, count, ...) count
#define Z_ARGS_N(...) Z_ARGS_N_1(__VA_ARGS__, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define Z_ARGS_N_1(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, count, ...) count

/* FOR_EACH(F, (separator), a, b, ...), up to sixteen arguments. */
#define FOR_EACH(F, sep, ...) UTIL_CAT(Z_FE_, Z_ARGS_N(__VA_ARGS__))(F, sep, __VA_ARGS__)
#define Z_FE_1(F, s, a) F(a)
#define Z_FE_2(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_1(F, s, __VA_ARGS__)
#define Z_FE_3(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_2(F, s, __VA_ARGS__)
#define Z_FE_4(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_3(F, s, __VA_ARGS__)
#define Z_FE_5(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_4(F, s, __VA_ARGS__)
#define Z_FE_6(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_5(F, s, __VA_ARGS__)
#define Z_FE_7(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_6(F, s, __VA_ARGS__)
#define Z_FE_8(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_7(F, s, __VA_ARGS__)
#define Z_FE_9(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_8(F, s, __VA_ARGS__)
#define Z_FE_10(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_9(F, s, __VA_ARGS__)
#define Z_FE_11(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_10(F, s, __VA_ARGS__)
#define Z_FE_12(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_11(F, s, __VA_ARGS__)
#define Z_FE_13(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_12(F, s, __VA_ARGS__)
#define Z_FE_14(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_13(F, s, __VA_ARGS__)
#define Z_FE_15(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_14(F, s, __VA_ARGS__)
#define Z_FE_16(F, s, a, ...) F(a) Z_DEBRACKET s Z_FE_15(F, s, __VA_ARGS__)

#define LISTIFY(n, F, sep, ...) UTIL_CAT(Z_LISTIFY_, n)(F, sep, __VA_ARGS__)
#define Z_LISTIFY_0(F, s, ...)
#define Z_LISTIFY_1(F, s, ...) F(0, __VA_ARGS__)
#define Z_LISTIFY_2(F, s, ...) Z_LISTIFY_1(F, s, __VA_ARGS__) Z_DEBRACKET s F(1, __VA_ARGS__)
#define Z_LISTIFY_3(F, s, ...) Z_LISTIFY_2(F, s, __VA_ARGS__) Z_DEBRACKET s F(2, __VA_ARGS__)
#define Z_LISTIFY_4(F, s, ...) Z_LISTIFY_3(F, s, __VA_ARGS__) Z_DEBRACKET s F(3, __VA_ARGS__)
#define Z_LISTIFY_5(F, s, ...) Z_LISTIFY_4(F, s, __VA_ARGS__) Z_DEBRACKET s F(4, __VA_ARGS__)
#define Z_LISTIFY_6(F, s, ...) Z_LISTIFY_5(F, s, __VA_ARGS__) Z_DEBRACKET s F(5, __VA_ARGS__)
#define Z_LISTIFY_7(F, s, ...) Z_LISTIFY_6(F, s, __VA_ARGS__) Z_DEBRACKET s F(6, __VA_ARGS__)
#define Z_LISTIFY_8(F, s, ...) Z_LISTIFY_7(F, s, __VA_ARGS__) Z_DEBRACKET s F(7, __VA_ARGS__)

#endif
