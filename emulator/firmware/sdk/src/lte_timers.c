/* See lte_timers.h. 3GPP TS 24.008, 10.5.7.4a, 10.5.7.3 and 10.5.5.32. */
// build: if LTE_LINK_CONTROL
#include "lte_timers.h"

#include <stddef.h>

static const int ext_units[8] = {600, 3600, 36000, 2, 30, 60, 1152000, 0};
static const int units[8] = {2, 60, 360, 60, 60, 60, 60, 0};

/* Reads n binary digits; -1 if there are others. */
static int binary(const char *bits, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (bits[i] != '0' && bits[i] != '1') {
			return -1;
		}
		v = 2 * v + (bits[i] - '0');
	}
	return v;
}

static int decode(const char *bits, const int *unit)
{
	int v = binary(bits, 8);

	if (v < 0 || v >> 5 == 7) {
		return -1;
	}
	return (v & 31) * unit[v >> 5];
}

int ncsh_t3412_ext(const char *bits)
{
	return decode(bits, ext_units);
}

int ncsh_t3324(const char *bits)
{
	return decode(bits, units);
}

float ncsh_edrx(const char *bits, int nbiot)
{
	static const float ltem[16] = {5.12f, 10.24f, 20.48f, 40.96f, 61.44f, 81.92f, 102.4f, 122.88f,
				       143.36f, 163.84f, 327.68f, 655.36f, 1310.72f, 2621.44f,
				       2621.44f, 2621.44f};
	static const int nb[16] = {2, 2, 2, 4, 2, 8, 2, 2, 2, 16, 32, 64, 128, 256, 512, 1024};
	int v = binary(bits, 4);

	if (v < 0) {
		return 0;
	}
	return nbiot ? (float)nb[v] * 10.24f : ltem[v];
}

float ncsh_ptw(const char *bits, int nbiot)
{
	int v = binary(bits, 4);

	return v < 0 ? 0 : (float)(v + 1) * (nbiot ? 2.56f : 1.28f);
}

static void encode(int seconds, const int *unit, const int *order, size_t n, char bits[9])
{
	int v = 0xe0;

	for (size_t i = 0; i < n && seconds >= 0; i++) {
		int u = unit[order[i]];

		if (seconds <= 31 * u) {
			v = order[i] << 5 | (seconds + u - 1) / u;
			break;
		}
		v = order[i] << 5 | 31;
	}
	for (int i = 0; i < 8; i++) {
		bits[i] = v >> (7 - i) & 1 ? '1' : '0';
	}
	bits[8] = '\0';
}

void ncsh_t3412_ext_bits(int seconds, char bits[9])
{
	static const int order[] = {3, 4, 5, 0, 1, 2, 6};

	encode(seconds, ext_units, order, 7, bits);
}

void ncsh_t3324_bits(int seconds, char bits[9])
{
	static const int order[] = {0, 1, 2};

	encode(seconds, units, order, 3, bits);
}
