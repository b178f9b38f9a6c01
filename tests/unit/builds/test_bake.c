#include "unit/builds/found.h"

#define DOCKERFILES "== Dockerfile\nFROM a\n== hack/lint.Dockerfile\nFROM a\n"

Test(builds_bake, targets_of_hcl_inherit) {
	EXPECT_FOUND(DOCKERFILES
			"== docker-bake.hcl\n# all of it\n"
			"variable \"GO\" {\n  default = \"1.2\"\n  description = \"x\"\n}\n"
			"group \"default\" { targets = [\"bin\"] }\n"
			"target \"_common\" {\n  args = {\n    GO = GO\n    X = \"a-${GO}\"\n  "
			"}\n}\n"
			"target \"bin\" {\n  inherits = [\"_common\"]\n  target = \"binaries\"\n"
			"  platforms = [\"linux/amd64\"]\n  output = [for x in y : x]\n}\n"
			"target \"lint\" {\n  inherits = [\"bin\"]\n  dockerfile = "
			"\"./hack/lint.Dockerfile\"\n"
			"  target = \"\"\n  contexts = { src = \"lib\" }\n}\n",
			"docker-bake.hcl:13 bin: . Dockerfile target=binaries GO=1.2 X=a-1.2\n"
			"docker-bake.hcl:19 lint: . hack/lint.Dockerfile GO=1.2 X=a-1.2 "
			"src=./lib\n");
}

Test(builds_bake, what_is_computed_is_left_out) {
	EXPECT_FOUND(DOCKERFILES
			"== docker-bake.hcl\nfunction \"f\" {\n  params = [a]\n  result = a == "
			"\"}\" ? 1 : 2\n}\n"
			"target \"x\" {\n  context = f(\"{\")\n  tags = concat([\"a\"], [\"b\"])\n"
			"  labels = { \"a\" = \"b\" }\n  target = notequal(\"\", X) ? \"a\" : "
			"\"b\"\n"
			"  dockerfile-inline = <<EOT\nFROM b\nEOT\n}\n",
			"docker-bake.hcl:5 x: . inline\n"
			"Dockerfile:1 .? Dockerfile\n"
			"hack/lint.Dockerfile:1 hack? hack/lint.Dockerfile\n");
}

Test(builds_bake, a_condition_is_no_value) {
	EXPECT_FOUND("== Dockerfile\nFROM a\n"
		     "== docker-bake.hcl\ntarget \"x\" {\n"
		     "  args = { A = f(V), B = \"y\", C = V == 1 ? \"n\" : \"o\", D = \"z\" }\n}\n",
			"docker-bake.hcl:1 x: . Dockerfile B=y D=z\n");
	EXPECT_FOUND("== Dockerfile\nFROM a\n"
		     "== docker-bake.hcl\nvariable \"V\" { default = \"\" }\n"
		     "target \"x\" {\n  args = {\n    A = V == \"1\" ? \"b\" : \"c\"\n"
		     "    D = V\n    E = notequal(V, \"\") ? V : null\n    F = \"f\"\n  }\n}\n",
			"docker-bake.hcl:2 x: . Dockerfile D= F=f\n");
}

Test(builds_bake, a_matrix_means_every_dockerfile_that_fits) {
	EXPECT_FOUND(DOCKERFILES
			"== docker-bake.hcl\ntarget \"m\" {\n  matrix = { n = [\"lint\"] }\n"
			"  dockerfile = \"hack/${n}.Dockerfile\"\n}\n",
			"docker-bake.hcl:1 m: .? hack/lint.Dockerfile\n"
			"Dockerfile:1 .? Dockerfile\n");
}

Test(builds_bake, targets_of_json_are_read) {
	EXPECT_FOUND(DOCKERFILES
			"== docker-bake.json\n{\"target\": {\n \"a\": {\"args\": {\"X\": \"1\"}},\n"
			" \"b\": {\"inherits\": [\"a\"], \"dockerfile\": "
			"\"hack/lint.Dockerfile\"}}}\n",
			"docker-bake.json:2 a: . Dockerfile X=1\n"
			"docker-bake.json:3 b: . hack/lint.Dockerfile X=1\n");
}

Test(builds_bake, targets_that_inherit_each_other_end) {
	EXPECT_FOUND("== Dockerfile\nFROM a\n== docker-bake.hcl\ntarget \"a\" { inherits = [\"b\"] "
		     "}\n"
		     "target \"b\" { inherits = [\"a\"] }\n",
			"docker-bake.hcl:1 a: . Dockerfile\ndocker-bake.hcl:2 b: . Dockerfile\n");
}
