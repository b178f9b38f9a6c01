/* The literals that a text is looked through for, against the regular expressions they stand for. */
#include "classify/literals.h"
#include "classify/prober.h"
#include "support/expect.h"
#include "util/buf.h"

/* Text that a probe matches: `front`, `n` times `fill`, `back`. No whole key stands in this file. */
struct sample {
	const char *probe, *front;
	unsigned n;
	char fill;
	const char *back;
};

static const struct sample samples[] = {
	{ "private-key", "-----BEGIN PRIVATE KEY", 5, '-', "" },
	{ "private-key", "-----BEGIN RSA PRIVATE KEY", 5, '-', "" },
	{ "private-key", "-----BEGIN PGP PRIVATE KEY BLOCK", 5, '-', "" },
	{ "age-key", "AGE-SECRET-KEY-1", 20, 'Q', "" },
	{ "service-account", "\"type\" : \"service_account\",", 1, ' ', "\"private_key\": \"k" },
	{ "service-account", "\"private_key\":\"k\",", 1, ' ', "\"type\":\"service_account\"" },
	{ "aws-key", "AKIA", 16, 'B', "" },
	{ "aws-key", "ASIA", 16, 'B', "" },
	{ "aws-secret", "aws_secret_access_key = ", 40, 'b', "" },
	{ "aws-secret", "AwsSecretKey: ", 40, 'b', "" },
	{ "aws-secret", "AWS_SECRET_KEY=", 40, 'b', "" },
	{ "github-token", "ghp_", 36, 'b', "" },
	{ "github-token", "gho_", 36, 'b', "" },
	{ "github-token", "ghu_", 36, 'b', "" },
	{ "github-token", "ghs_", 36, 'b', "" },
	{ "github-token", "ghr_", 36, 'b', "" },
	{ "github-token", "github_pat_", 60, 'b', "" },
	{ "gitlab-token", "glpat-", 20, 'b', "" },
	{ "gitlab-token", "glcbt-", 20, 'b', "" },
	{ "slack-token", "xoxb-", 20, 'b', "" },
	{ "slack-token", "https://hooks.slack.com/services/TQQQQQQ/BQQQQQQ/", 20, 'b', "" },
	{ "stripe-key", "sk_live_", 20, 'b', "" },
	{ "stripe-key", "rk_live_", 20, 'b', "" },
	{ "google-key", "AIza", 35, 'b', "" },
	{ "google-oauth", "GOCSPX-", 28, 'b', "" },
	{ "model-key", "sk-ant-", 30, 'b', "" },
	{ "model-key", "sk-or-", 30, 'b', "" },
	{ "model-key", "hf_", 34, 'b', "" },
	{ "registry-token", "npm_", 36, 'b', "" },
	{ "registry-token", "pypi-AgE", 50, 'b', "" },
	{ "registry-token", "dckr_pat_", 27, 'b', "" },
	{ "registry-token", "rubygems_", 48, 'b', "" },
	{ "mail-key", "SG.bbbbbbbbbbbbbbbbbbbbbb.", 43, 'b', "" },
	{ "mail-key", "key-", 32, 'b', "" },
	{ "azure-key", "AccountKey=", 86, 'b', "==" },
	{ "vault-token", "hvs.", 24, 'b', "" },
	{ "vault-token", "hvb.", 24, 'b', "" },
	{ "cloud-token", "dop_v1_", 64, 'b', "" },
	{ "cloud-token", "dot_v1_", 64, 'b', "" },
	{ "cloud-token", "EAAAE", 59, 'b', "" },
	{ "cloud-token", "sntrys_", 40, 'b', "" },
	{ "cloud-token", "dapi", 32, 'b', "" },
	{ "docker-auth", "\"auths\": {\"r\": {\"auth\" : \"", 12, 'b', "==\"" },
	{ "docker-auth", "\"auth\" : \"", 12, 'b', "==\", \"email\"" },
	{ "npm-token", "//registry/:_authToken=", 8, 'b', "" },
	{ "npm-token", "_auth = ", 8, 'b', "" },
	{ "npm-token", "//registry/:_password=", 8, 'b', "" },
};
#define NSAMPLES (sizeof(samples) / sizeof(samples[0]))

static struct str text_of(struct buf *out, const struct sample *s, size_t npadding) {
	buf_clear(out);
	for (size_t i = 0; i < npadding; i++) {
		buf_putc(out, '\n');
	}
	buf_append(out, str_from(s->front));
	for (unsigned i = 0; i < s->n; i++) {
		buf_putc(out, s->fill);
	}
	buf_append(out, str_from(s->back));
	return buf_str(out);
}

Test(classify_literals, every_probe_is_found_wherever_its_match_begins) {
	struct prober *p = prober_create(NULL, -1);
	struct buf text = { 0 };

	cr_assert(p != NULL);
	for (size_t i = 0; i < NSAMPLES; i++) {
		for (size_t npadding = 0; npadding < 4; npadding++) {
			uint32_t line = 0;
			struct str where = text_of(&text, &samples[i], npadding);
			unsigned probe = prober_match_any(p, where, &line);
			cr_assert(probe < class_nprobes, "%s: %.*s", samples[i].probe,
					STR_FMT(where));
			EXPECT_STR(class_text(class_probes[probe].name), samples[i].probe);
			cr_expect(eq(u32, line, (uint32_t)npadding + 1));
		}
	}
	buf_fini(&text);
	prober_destroy(p);
}

Test(classify_literals, every_key_and_token_has_a_sample_here) {
	for (unsigned i = 0; i < class_nprobes; i++) {
		bool is_there = class_probes[i].reach == PROBE_RULE ||
				str_eq(class_text(class_probes[i].name), STR("putty-key"));
		for (size_t k = 0; k < NSAMPLES; k++) {
			is_there = is_there ||
					str_eq(class_text(class_probes[i].name),
							str_from(samples[k].probe));
		}
		cr_expect(is_there, "%s", class_text(class_probes[i].name).ptr);
	}
}

Test(classify_literals, a_match_at_the_very_start_only) {
	struct prober *p = prober_create(NULL, -1);
	uint32_t line = 0;

	cr_assert(p != NULL);
	unsigned probe = prober_match_any(p, STR("PuTTY-User-Key-File-2: ssh-rsa"), &line);
	cr_assert(probe < class_nprobes);
	EXPECT_STR(class_text(class_probes[probe].name), "putty-key");
	cr_expect(prober_match_any(p, STR(" PuTTY-User-Key-File-2: "), &line) == class_nprobes);
	prober_destroy(p);
}

Test(classify_literals, a_literal_cut_short_is_none) {
	cr_expect(eq(u64, literals_in(STR("")), 0));
	cr_expect(eq(u64, literals_in(STR("A")), 0));
	cr_expect(eq(u64, literals_in(STR("AKI AIz ghp hf SG glpat xox sk_liv AccountKey")), 0));
	cr_expect(eq(u64, literals_in(STR("akia aiza GHP_ HF_ sg. \"AUTH\"")), 0));
	cr_expect(literals_in(STR("AKIA")) != 0);
	cr_expect(literals_in(STR("-AKIA")) != 0);
}
