package metrics_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"botengine/internal/metrics"
)

const alertsFolder = "../../packaging/prometheus"

type alert struct {
	Alert       string
	Expr        string
	Labels      map[string]string
	Annotations map[string]string
}

func alerts(t *testing.T) []alert {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(alertsFolder, "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var all []alert
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

var (
	nameInExpr  = regexp.MustCompile(`\bbotengine_[a-z0-9_]+`)
	conditionIs = regexp.MustCompile(`condition="([a-z_]+)"`)
)

func TestAlertsNameOnlyMetricsThatExist(t *testing.T) {
	names := metrics.Names()
	all := alerts(t)
	if len(all) < 15 {
		t.Fatalf("only %d alerts were read", len(all))
	}
	for _, a := range all {
		for _, name := range nameInExpr.FindAllString(a.Expr, -1) {
			if !slices.Contains(names, name) {
				t.Errorf("%s: there is no metric %s", a.Alert, name)
			}
		}
		for _, need := range []string{"summary", "summary_zh", "runbook", "runbook_zh"} {
			if a.Annotations[need] == "" {
				t.Errorf("%s has no %s", a.Alert, need)
			}
		}
		if s := a.Labels["severity"]; s != "warning" && s != "critical" {
			t.Errorf("%s has the severity %q", a.Alert, s)
		}
	}
}

// The names of conditions are those of the page that is made from the engine's own.
func TestAlertsNameOnlyConditionsThatExist(t *testing.T) {
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts(t) {
		for _, found := range conditionIs.FindAllStringSubmatch(a.Expr, -1) {
			if !strings.Contains(string(page), "`"+found[1]+"`") {
				t.Errorf("%s: there is no condition %s", a.Alert, found[1])
			}
		}
	}
}

func TestAlertsFireWhenTheyShouldAndNotElse(t *testing.T) {
	tests, err := os.ReadFile(filepath.Join(alertsFolder, "alerts_test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts(t) {
		if n := strings.Count(string(tests), "alertname: "+a.Alert+"\n"); n < 2 {
			t.Errorf("%s has %d tests: one in which it fires and one in which it does not are needed", a.Alert, n)
		}
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("promtool is not installed: it is needed here")
	}
	if err != nil {
		t.Skip("skipped, needs promtool: apt-get install prometheus")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = alertsFolder
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	t.Logf("figure: %d alerts, %d tests of them", len(alerts(t)), strings.Count(string(tests), "alertname: "))
}
