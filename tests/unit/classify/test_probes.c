/* Each probe of probes.tsv: a text that it takes, and one beside it that it does not. No key here was ever one;
 * they are cut in two so that nothing that scans sources takes them for one. */
#include "classified.h"

#include "classify/prober.h"
#include "support/small_tree.h"

#include <criterion/parameterized.h>

#define R10 "aB3dE6gH9j"
#define R20 R10 "K2mN5pQ8rS"
#define HEX16 "a1b2c3d4e5f6a7b8"

struct probe_case {
	char name[20], hit[128], miss[128];
	uint32_t line; /* of the hit */
};

static struct probe_case cases[] = {
	{ "private-key",
			"x\n-----BEGIN RSA "
			"PRIVATE KEY-----\n",
			"-----BEGIN PUBLIC KEY-----\n", 2 },
	{ "pgp-key",
			"-----BEGIN PGP "
			"PRIVATE KEY BLOCK-----",
			"-----BEGIN PGP PUBLIC KEY BLOCK-----", 1 },
	{ "putty-key",
			"PuTTY-User-Key-"
			"File-2: ssh-rsa",
			"see PuTTY-User-Key-File-2: ssh-rsa", 1 },
	{ "age-key",
			"AGE-SECRET-"
			"KEY-1QPZRY9X8GF2TVDW0S3JN",
			"AGE-SECRET-KEY-1QPZRY9X8", 1 },
	{ "service-account", "{\n\"type\": \"service_account\",\n\"private_key\": \"x\"}",
			"{\"type\": \"service_account\", \"private_key\": \"\"}", 2 },
	{ "aws-key",
			"id\n\nAK"
			"IA2QRS7TUV3WXY4ZAB",
			"AKIAIOSFODNN7EXAMPLE", 3 },
	{ "aws-secret",
			"aws_secret_"
			"access_key = " R20 R20,
			"aws_secret_access_key = " R20 R10, 1 },
	{ "github-token",
			"gh"
			"p_" R20 R10 "K2mN5p",
			"ghp_" R20 R10 "K2mN5", 1 },
	{ "gitlab-token",
			"gl"
			"pat-" R20,
			"glpat-" R10, 1 },
	{ "slack-token",
			"xo"
			"xb-" R20,
			"xoxz-" R20, 1 },
	{ "stripe-key",
			"sk_"
			"live_" R20,
			"sk_test_" R20, 1 },
	{ "google-key",
			"AI"
			"za" R20 "aB3dE6gH9jK2mN5",
			"AIza" R20 "aB3dE6gH9jK2mN", 1 },
	{ "google-oauth",
			"GOC"
			"SPX-" R20 "aB3dE6gH",
			"GOCSPX-" R20 "aB3dE6g", 1 },
	{ "model-key",
			"sk-"
			"ant-" R20 R10,
			"sk-" R20 R10, 1 },
	{ "registry-token",
			"np"
			"m_" R20 R10 "K2mN5p",
			"npm_" R20 R10 "K2mN5", 1 },
	{ "mail-key",
			"SG"
			"." R20 "aB." R20 R20 "aB3",
			"SG." R20 "aB" R20 R20 "aB3", 1 },
	{ "azure-key",
			"Account"
			"Key=" R20 R20 R20 R20,
			"AccountKey=" R20 R20 R20 R10, 1 },
	{ "vault-token",
			"hv"
			"s." R20 "aB3d",
			"hvx." R20 "aB3d", 1 },
	{ "cloud-token",
			"do"
			"p_v1_" HEX16 HEX16 HEX16 HEX16,
			"dop_v1_" HEX16 HEX16 HEX16, 1 },
	{ "docker-auth", "{\"auths\": {\"r\": {\"auth\": \"" R10 "K2\"}}}",
			"{\"auth\": \"Authentication\", \"auths\": {}}", 1 },
	{ "npm-token",
			"a=b\n//r.example.org/:_auth"
			"Token=" R20,
			"//r.org/:_authToken=${T}\nseed_password = ask()", 2 },
	{ "yarn-token", "npmAuthToken: abc", "npmAuthToken: ${T}", 1 },
	{ "kubeconfig", "users:\n- token: abc", "users:\n- token:\n  name: a", 2 },
	{ "oauth", "{\"refresh_token\": \"1//x\"}", "{\"refresh_token\": \"\"}", 1 },
	{ "auth", "{\"github-oauth\": {}}", "{\"title\": \"log in\"}", 1 },
	{ "yaml-secret", "db:\n  password: hunter2", "secret:\n  name: ${db}", 2 },
	{ "json-secret", "{\"apiKey\": \"hunter2\"}", "{\"apiKey\": \"${KEY}\"}", 1 },
	{ "properties-secret", "db.password=hunter2", "#db.password=hunter2", 1 },
	{ "nuget-password", "<add key=\"ClearTextPassword\" value=\"x\"/>",
			"<add key=\"ClearTextPassword\" value=\"%PW%\"/>", 1 },
	{ "assignment", "export API_TOKEN=abc", "API_TOKEN=\nNAME=abc", 1 },
	{ "env-secret", "HOST=db\nexport DB_PASSWORD='hunter2'",
			"DB_PASSWORD=${PW}\nTOKEN=\nTOKEN_SECONDS=3600\nSECRET=null\n#API_KEY=x\n"
			"DB=postgres://u:${PW}@db/x",
			2 },
	{ "env-value", "\nexport A.B = c", "A=\nB=\n# C=d", 2 },
	{ "perl-test", "use Test::More;", "use strict;", 1 },
	{ "make-depend", "a.lo: a.c", "a.d: a.c", 1 },
	{ "wavefront", "# made by hand\n", "body {}", 1 },
	{ "python-path", "import site", "1.0", 1 },
};
#define NCASES (sizeof(cases) / sizeof(cases[0]))

static unsigned find_probe(const char *name) {
	unsigned i = 0;

	while (i < class_nprobes && !str_eq(class_text(class_probes[i].name), str_from(name))) {
		i++;
	}
	return i;
}

ParameterizedTestParameters(classify_probes, table) {
	return cr_make_param_array(struct probe_case, cases, NCASES);
}

ParameterizedTest(struct probe_case *t, classify_probes, table) {
	struct tree *tree = small_tree("a");
	struct prober *p = prober_create(tree, -1);
	unsigned probe = find_probe(t->name);
	uint32_t line = 0;

	cr_assert(lt(uint, probe, class_nprobes), "%s", t->name);
	cr_expect(prober_match(p, probe, str_from(t->hit), &line), "%s: %s", t->name, t->hit);
	cr_expect(eq(u32, line, t->line), "%s", t->name);
	cr_expect_not(prober_match(p, probe, str_from(t->miss), &line), "%s: %s", t->name, t->miss);
	if (class_probes[probe].reach != PROBE_RULE) { /* these are looked for in every candidate */
		cr_expect(eq(uint, prober_match_any(p, str_from(t->hit), &line), probe), "%s",
				t->name);
		cr_expect(eq(uint, prober_match_any(p, str_from(t->miss), &line), class_nprobes),
				"%s", t->name);
	}
	prober_destroy(p);
	tree_destroy(tree);
}

Test(classify_probes, a_password_in_an_address_is_one) {
	struct tree *tree = small_tree("a");
	struct prober *p = prober_create(tree, -1);
	unsigned probe = find_probe("env-secret");
	uint32_t line = 0;

	cr_expect(prober_match(p, probe, STR("A=1\nDB=postgres://u:hunter2@db/x"), &line));
	cr_expect(eq(u32, line, 2));
	cr_expect_not(prober_match(p, probe, STR("DB=postgres://u@db:5432/x"), &line));
	prober_destroy(p);
	tree_destroy(tree);
}

Test(classify_probes, each_has_a_case) {
	for (unsigned i = 0; i < class_nprobes; i++) {
		size_t n = 0;
		for (size_t k = 0; k < NCASES; k++) {
			n += find_probe(cases[k].name) == i;
		}
		cr_expect(eq(sz, n, 1), "%s", class_text(class_probes[i].name).ptr);
	}
}
