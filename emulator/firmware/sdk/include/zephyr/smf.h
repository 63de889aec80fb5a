/* State machines, flat or hierarchical. */
#ifndef NRF91EMU_ZEPHYR_SMF_H_
#define NRF91EMU_ZEPHYR_SMF_H_

#include <ncshost.h>
#include <zephyr/kernel.h>

/* SMF_CREATE_STATE(entry, run, exit), and where they are configured the parent and the state in
 * which it begins. */
#define SMF_CREATE_STATE(...) { __VA_ARGS__ }
#define SMF_CTX(o) ((struct smf_ctx *)(o))

typedef void (*state_execution)(void *obj);
typedef state_execution state_method;
#if NCSHOST_VER >= 0x030100
enum smf_state_result {
	SMF_EVENT_HANDLED,
	SMF_EVENT_PROPAGATE,
};
typedef enum smf_state_result (*z_smf_run)(void *obj);
#else
typedef void (*z_smf_run)(void *obj);
#endif

struct smf_state {
	const state_execution entry;
	const z_smf_run run;
	const state_execution exit;
	const struct smf_state *parent;
	const struct smf_state *initial;
};

struct smf_ctx {
	const struct smf_state *current;
	const struct smf_state *previous;
	int32_t terminate_val;
	bool z_changed, z_handled;
};

void smf_set_initial(struct smf_ctx *ctx, const struct smf_state *init_state);
/* Leaves states up to the common parent, and enters those down to the new one. */
void smf_set_state(struct smf_ctx *ctx, const struct smf_state *new_state);
void smf_set_terminate(struct smf_ctx *ctx, int32_t val);
#if NCSHOST_VER < 0x030100
/* Parents do not run after the state that calls this. */
void smf_set_handled(struct smf_ctx *ctx);
#endif
/* Runs the state and its parents, until one has handled or changed it; what smf_set_terminate set. */
int32_t smf_run_state(struct smf_ctx *ctx);

#endif
