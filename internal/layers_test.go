// Package internal_test holds the rule of who may import whom.
package internal_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A layer is one row of the table in the design: a package, its row, and what
// it may import: ours (always from rows above) and foreign modules.
type layer struct {
	pkg     string
	row     int
	ours    []string
	foreign []string
}

const module = "botengine"

// layers is the table. A package that is not in it may not exist.
var layers = []layer{
	{"botengine", 0, nil, nil}, // the embedded example rules
	{"internal/event", 0, nil, nil},
	{"internal/command", 0, nil, nil},
	{"internal/diag", 0, nil, []string{"github.com/mattn/go-runewidth", "github.com/hbollon/go-edlib"}},
	{"internal/ratelimit", 0, nil, []string{"golang.org/x/time/rate"}},
	{"internal/fold", 0, nil, []string{"golang.org/x/text"}},
	{"internal/literal", 0, nil, nil},
	{"internal/failpoint", 0, nil, nil},
	{"internal/logs", 0, nil, nil},
	{"internal/measure", 0, nil, nil},
	{"internal/calendar", 0, nil, []string{"github.com/robfig/cron/v3"}},

	{"internal/expression", 1, []string{"internal/event", "internal/diag", "internal/fold", "internal/literal", "internal/calendar"}, []string{"github.com/expr-lang/expr"}},
	{"internal/state", 1, []string{"internal/failpoint", "internal/measure", "internal/event", "internal/command"}, []string{"go.etcd.io/bbolt", "golang.org/x/sys"}},
	{"internal/yjiyun", 1, []string{"internal/event", "internal/command"}, nil},
	{"internal/yjiyun/socket", 1, []string{"internal/command"}, []string{"github.com/gorilla/websocket"}},
	{"internal/webcall", 1, []string{"internal/command", "internal/event"}, nil},
	{"internal/schema", 1, []string{"internal/diag"}, []string{"go.yaml.in/yaml/v3"}},

	{"internal/config", 2, []string{"internal/diag", "internal/schema"}, []string{"go.yaml.in/yaml/v3", "github.com/google/renameio/v2"}},
	{"internal/terminal", 1, nil, []string{"github.com/mattn/go-runewidth"}},

	{"internal/actions", 2, []string{"internal/event", "internal/command", "internal/diag", "internal/expression", "internal/schema"}, []string{"go.yaml.in/yaml/v3"}},
	{"internal/yjiyun/rest", 2, []string{"internal/event", "internal/command", "internal/yjiyun", "internal/webcall"}, []string{"github.com/cenkalti/backoff/v5", "golang.org/x/time/rate"}},
	{"internal/yjiyun/zishang", 2, []string{"internal/yjiyun/socket"}, []string{"github.com/zishang520"}},
	{"internal/rule", 3, []string{"internal/event", "internal/actions", "internal/expression", "internal/fold", "internal/literal", "internal/calendar", "internal/diag", "internal/schema"}, []string{"go.yaml.in/yaml/v3", "github.com/bmatcuk/doublestar/v4"}},
	{"internal/engine", 4, []string{"internal/rule", "internal/actions", "internal/expression", "internal/event", "internal/command", "internal/diag", "internal/fold"}, nil},
	{"internal/intake", 5, []string{"internal/failpoint", "internal/measure", "internal/actions", "internal/engine", "internal/rule", "internal/state", "internal/event", "internal/command"}, []string{"github.com/cenkalti/backoff/v5"}},
	{"internal/dispatch", 5, []string{"internal/failpoint", "internal/measure", "internal/state", "internal/command", "internal/event", "internal/ratelimit"}, []string{"github.com/cenkalti/backoff/v5"}},
	{"internal/schedule", 5, []string{"internal/failpoint", "internal/rule", "internal/state", "internal/event"}, nil},
	{"internal/trace", 5, []string{"internal/engine", "internal/rule", "internal/event", "internal/diag"}, nil},
	{"internal/rehearsal", 5, []string{"internal/engine", "internal/actions", "internal/rule", "internal/command"}, nil},
	{"internal/ruletest", 6, []string{"internal/rehearsal", "internal/engine", "internal/expression", "internal/schedule", "internal/actions", "internal/rule", "internal/state", "internal/event", "internal/command", "internal/diag", "internal/schema"}, []string{"go.yaml.in/yaml/v3"}},
	{"internal/replay", 6, []string{"internal/rehearsal", "internal/engine", "internal/schedule", "internal/actions", "internal/rule", "internal/state", "internal/event", "internal/command"}, nil},
	{"internal/catchup", 6, []string{"internal/failpoint", "internal/measure", "internal/dispatch", "internal/state", "internal/command", "internal/event", "internal/yjiyun", "internal/yjiyun/rest"}, nil},
	{"internal/rulebench", 6, []string{"internal/engine", "internal/rule", "internal/event"}, nil},
	{"internal/sim", 6, []string{"internal/event", "internal/yjiyun", "internal/yjiyun/socket"}, []string{"github.com/gorilla/websocket"}},
	{"internal/ctl", 7, nil, nil},
	{"internal/metrics", 7, []string{"internal/measure", "internal/rule", "internal/state", "internal/event", "internal/diag"}, []string{"github.com/prometheus/client_golang"}},
	{"internal/scaffold", 2, []string{"botengine", "internal/diag"}, nil},
	{"internal/app", 8, []string{"internal/"}, []string{"golang.org/x/sys", "github.com/fsnotify/fsnotify", "github.com/mattn/go-runewidth"}},
	{"bench", 9, []string{"internal/"}, []string{"github.com/expr-lang/expr", "github.com/gorilla/websocket"}},
	{"cmd/botengine", 9, []string{"internal/"}, []string{"github.com/spf13/cobra", "github.com/spf13/pflag", "go.yaml.in/yaml/v3"}},
}

// testOnly are packages that only tests import; they may import what they test.
var testOnly = []string{"internal/hostile", "internal/hostile/child", "internal/npm", "internal/oracle", "internal/powercut", "internal/rule/ruleload", "internal/simulation", "internal/state/statetest", "internal/yjiyun/socket/npmtest", "internal/yjiyun/socket/sockettest"}

type goPackage struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func TestEveryPackageImportsOnlyWhatItsLayerMay(t *testing.T) {
	for _, tags := range []string{"", "zishang", "failpoints"} {
		for _, p := range listPackages(t, tags) {
			name := strings.TrimPrefix(p.ImportPath, module+"/")
			if slices.Contains(testOnly, name) || name == "internal" {
				continue
			}
			i := slices.IndexFunc(layers, func(l layer) bool { return l.pkg == name })
			if i < 0 {
				t.Errorf("%s is not in the table of layers: give it a row, or do without it", name)
				continue
			}
			checkImports(t, layers[i], p.Imports)
		}
	}
}

func checkImports(t *testing.T, l layer, imports []string) {
	t.Helper()
	for _, imp := range imports {
		own, isOurs := strings.CutPrefix(imp, module+"/")
		switch {
		case isOurs && !allowed(l.ours, own):
			t.Errorf("%s imports %s, which its layer does not allow", l.pkg, own)
		case isOurs && rowOf(own) >= l.row && l.row < 8:
			if !strings.HasPrefix(own, l.pkg+"/") {
				t.Errorf("%s (row %d) imports %s (row %d): only rows above its own", l.pkg, l.row, own, rowOf(own))
			}
		case !isOurs && strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") && !allowed(l.foreign, imp):
			t.Errorf("%s imports %s, which the table does not name for it", l.pkg, imp)
		}
	}
}

func allowed(list []string, imp string) bool {
	return slices.ContainsFunc(list, func(a string) bool {
		return imp == a || strings.HasPrefix(imp, strings.TrimSuffix(a, "/")+"/")
	})
}

func rowOf(pkg string) int {
	for _, l := range layers {
		if l.pkg == pkg {
			return l.row
		}
	}
	return -1 // reported by the test as an unlisted package
}

func listPackages(t *testing.T, tags string) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Standard", "-tags", tags, module+"/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
}
