/* State machines, see zephyr/smf.h. */
// build: if SMF
#include <stddef.h>

#include <zephyr/smf.h>

static bool inside(const struct smf_state *state, const struct smf_state *of)
{
	while (state != NULL && state != of) {
		state = state->parent;
	}
	return state != NULL;
}

/* Enters what lies between a state that is entered already and another in it. False if an entry
 * action has terminated the machine or gone elsewhere. */
static bool enter(struct smf_ctx *ctx, const struct smf_state *from, const struct smf_state *to)
{
	if (to == from || to == NULL) {
		return true;
	}
	if (!enter(ctx, from, to->parent)) {
		return false;
	}
	if (to->entry != NULL) {
		to->entry(ctx);
	}
	return ctx->terminate_val == 0 && !ctx->z_changed;
}

/* The state in which a state begins. */
static const struct smf_state *leaf(const struct smf_state *state)
{
	while (state != NULL && state->initial != NULL) {
		state = state->initial;
	}
	return state;
}

void smf_set_initial(struct smf_ctx *ctx, const struct smf_state *init_state)
{
	ctx->current = leaf(init_state);
	ctx->previous = NULL;
	ctx->terminate_val = 0;
	ctx->z_handled = false;
	ctx->z_changed = false;
	enter(ctx, NULL, ctx->current);
}

void smf_set_state(struct smf_ctx *ctx, const struct smf_state *new_state)
{
	const struct smf_state *to = leaf(new_state);
	const struct smf_state *state = ctx->current;

	/* A state that is entered anew is left before. */
	while (state != NULL && (!inside(new_state, state) || state == new_state)) {
		if (state->exit != NULL) {
			state->exit(ctx);
			if (ctx->terminate_val != 0) {
				return;
			}
		}
		state = state->parent;
	}
	ctx->previous = ctx->current;
	ctx->current = to;
	ctx->z_changed = false;
	enter(ctx, state, to);
	ctx->z_changed = true;
}

void smf_set_terminate(struct smf_ctx *ctx, int32_t val)
{
	ctx->terminate_val = val;
}

#if NCSHOST_VER < 0x030100
void smf_set_handled(struct smf_ctx *ctx)
{
	ctx->z_handled = true;
}
#endif

int32_t smf_run_state(struct smf_ctx *ctx)
{
	if (ctx->terminate_val != 0) {
		return ctx->terminate_val;
	}
	ctx->z_changed = false;
	ctx->z_handled = false;
	for (const struct smf_state *state = ctx->current; state != NULL; state = state->parent) {
		if (state->run != NULL) {
#if NCSHOST_VER >= 0x030100
			ctx->z_handled = state->run(ctx) == SMF_EVENT_HANDLED;
#else
			state->run(ctx);
#endif
		}
		if (ctx->terminate_val != 0 || ctx->z_handled || ctx->z_changed) {
			break;
		}
	}
	return ctx->terminate_val;
}
