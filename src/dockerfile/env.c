/*
 * Variables of a stage: open addressing, and a chain to the base's table behind it. A variable nobody
 * set may still be set by the image at the bottom of the chain, which this program cannot see.
 */
#include "dockerfile/internal.h"

#define ENV_MIN_SLOTS 16U

struct env_slot {
	struct str name; /* .ptr == NULL: free */
	struct variable value;
};

static struct env_slot *slot_find(struct env_slot *slots, size_t nslots, struct str name) {
	size_t i = (size_t)str_hash(name) & (nslots - 1);

	while (slots[i].name.ptr != NULL && !str_eq(slots[i].name, name)) {
		i = (i + 1) & (nslots - 1);
	}
	return &slots[i];
}

static bool env_grow(struct arena *a, struct env *env) {
	size_t nslots = env->nslots > 0 ? env->nslots * 2 : ENV_MIN_SLOTS;
	struct env_slot *slots = arena_new(a, struct env_slot, nslots);

	if (slots == NULL) {
		return false;
	}
	for (size_t i = 0; i < env->nslots; i++) {
		if (env->slots[i].name.ptr != NULL) {
			*slot_find(slots, nslots, env->slots[i].name) = env->slots[i];
		}
	}
	env->slots = slots;
	env->nslots = nslots;
	return true;
}

bool env_set(struct arena *a, struct env *env, struct str name, struct variable value) {
	/* never more than half full */
	if (env->nused * 2 >= env->nslots && !env_grow(a, env)) {
		return false;
	}
	struct env_slot *slot = slot_find(env->slots, env->nslots, name);
	env->nused += slot->name.ptr == NULL;
	slot->name = name;
	slot->value = value;
	return true;
}

struct variable env_find(const void *ctx, struct str name) {
	const struct env *env = ctx;

	for (;; env = env->base) {
		if (env->nslots > 0) {
			const struct env_slot *slot = slot_find(env->slots, env->nslots, name);
			if (slot->name.ptr != NULL) {
				return slot->value;
			}
		}
		if (env->base == NULL) {
			break;
		}
	}
	if (!env->image_is_unseen) {
		return (struct variable){ 0 };
	}
	return (struct variable){
		.is_unknowable = true, .unknown_name = name, .unknown_line = env->image_line
	};
}
