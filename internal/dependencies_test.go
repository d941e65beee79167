package internal_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var dependencyLine = regexp.MustCompile(`(?m)^\| ([a-z0-9_./-]+\.[a-z0-9_./-]+) \| (program|tests|tag zishang) \| (.{10,}) \|$`)

// TestEveryDependencyHasAReason holds the page about dependencies to go.mod, and to
// what the program is made of.
func TestEveryDependencyHasAReason(t *testing.T) {
	page, err := os.ReadFile("../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	written := map[string]string{}
	for _, line := range dependencyLine.FindAllStringSubmatch(string(page), -1) {
		written[line[1]] = line[2]
	}
	direct, inside := directModules(t), modulesInside(t)
	for _, module := range direct {
		where, ok := written[module]
		switch is := slices.Contains(inside, module); {
		case !ok:
			t.Errorf("%s has no line in docs/dependencies.md", module)
		case is != (where == "program"):
			t.Errorf("%s: the page says %q, and that it is in the program is %v", module, where, is)
		}
		delete(written, module)
	}
	for module := range written {
		t.Errorf("docs/dependencies.md has a line about %s, which go.mod does not name", module)
	}
}

// directModules are those that go.mod names, but for what they need themselves.
func directModules(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json", "../go.mod").Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	return direct
}

// modulesInside are the modules whose packages the program is built of.
func modulesInside(t *testing.T) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", module+"/cmd/botengine").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))
}
