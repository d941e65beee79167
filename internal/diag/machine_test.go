package diag_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"botengine/internal/diag"
)

func printed(t *testing.T, findings diag.List, o diag.Options, sources diag.Sources) string {
	t.Helper()
	var b bytes.Buffer
	if err := diag.Print(&b, findings, sources, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What a message or a file name holds cannot end a workflow command, begin another
// one or give it properties.
func TestWorkflowCommandsAreEscaped(t *testing.T) {
	f := diag.At("rules/a,b:100%.yaml", diag.Span(7, 5, 4)).
		Error("BE102", diag.T("折扣 100%% ，a:b\n::error::假的", "100%% off")).
		WithHint(diag.T("改成 50%%", "make it 50%%")).
		WithRelated("rules/b.yaml", diag.Span(1, 2, 1), diag.T("这里", "here"))
	got := printed(t, diag.List{f}, diag.Options{Format: diag.FormatGitHub}, nil)
	want := "::error file=rules/a%2Cb%3A100%25.yaml,line=7,col=5,endLine=7,endColumn=9,title=BE102::折扣 100%25 ，a:b<U+000A>::error::假的%0A提示: 改成 50%25%0Arules/b.yaml:1:2: 这里\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A range over several lines has no columns, a file as a whole no line, and every
// finding is one line of output.
func TestWorkflowCommandsOfEveryShape(t *testing.T) {
	findings := samples(t)
	lines := strings.Split(strings.TrimSuffix(printed(t, findings, diag.Options{Format: diag.FormatGitHub}, source), "\n"), "\n")
	if len(lines) != len(findings) {
		t.Fatalf("%d lines for %d findings:\n%s", len(lines), len(findings), strings.Join(lines, "\n"))
	}
	for i, f := range findings {
		if !strings.HasPrefix(lines[i], "::"+f.Severity.String()+" ") {
			t.Errorf("%s begins with no command", lines[i])
		}
		if several := f.Range.End.Line > f.Range.Start.Line; several == strings.Contains(lines[i], "col=") && !f.Range.IsZero() {
			t.Errorf("columns are for one line only: %s", lines[i])
		}
		if f.Range.IsZero() && strings.Contains(lines[i], "line=") {
			t.Errorf("a place was made up: %s", lines[i])
		}
	}
}

// log is what readers of a SARIF log go by.
type log struct {
	Schema  string `json:"$schema"`
	Version string
	Runs    []struct {
		Language           string
		ColumnKind         string
		OriginalURIBaseIDs map[string]any `json:"originalUriBaseIds"`
		Tool               struct{ Driver component }
		Translations       []component
		Results            []struct {
			RuleID    string
			RuleIndex int
			Level     string
			Message   struct{ Text string }
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI, URIBaseID string }
					Region           *struct{ StartLine, StartColumn, EndLine, EndColumn int }
				}
			}
			RelatedLocations []struct{ ID int }
		}
	}
}

type component struct {
	Name, Language string
	Rules          []struct {
		ID                                string
		ShortDescription, FullDescription struct{ Text string }
		Help                              struct{ Text, Markdown string }
	}
}

func sarif(t *testing.T, findings diag.List, lang diag.Lang) log {
	t.Helper()
	var got log
	if err := json.Unmarshal([]byte(printed(t, findings, diag.Options{Format: diag.FormatSARIF, Lang: lang}, source)), &got); err != nil {
		t.Fatal(err)
	}
	if got.Version != "2.1.0" || got.Schema == "" || len(got.Runs) != 1 {
		t.Fatalf("version %q, schema %q, %d runs", got.Version, got.Schema, len(got.Runs))
	}
	return got
}

// Every result leads to its rule, has a level and a place that exists, and every
// rule is explained in both languages.
func TestSARIFHoldsTogether(t *testing.T) {
	for lang, tag := range map[diag.Lang]string{diag.ZH: "zh-CN", diag.EN: "en-US"} {
		findings := samples(t)
		run := sarif(t, findings, lang).Runs[0]
		if run.Language != tag || run.ColumnKind != "utf16CodeUnits" || run.OriginalURIBaseIDs["%SRCROOT%"] == nil {
			t.Errorf("language %q, columns in %q, bases %v", run.Language, run.ColumnKind, run.OriginalURIBaseIDs)
		}
		rules := run.Tool.Driver.Rules
		for i, f := range findings {
			got := run.Results[i]
			if got.RuleID != f.Code || rules[got.RuleIndex].ID != f.Code || got.Level != f.Severity.String() || got.Message.Text == "" {
				t.Errorf("result %d is %+v", i, got)
			}
			if f.File == "" {
				continue // it is about no file
			}
			if len(got.Locations) != 1 || len(got.RelatedLocations) != len(f.Related) {
				t.Fatalf("result %d: %d places, %d others", i, len(got.Locations), len(got.RelatedLocations))
			}
			r := got.Locations[0].PhysicalLocation.Region
			if f.Range.IsZero() != (r == nil) {
				t.Errorf("result %d: region %+v of %+v", i, r, f.Range)
			}
			if r != nil && (r.StartLine < 1 || r.StartColumn < 1 || r.EndLine < r.StartLine || r.EndLine == r.StartLine && r.EndColumn < r.StartColumn) {
				t.Errorf("result %d: region %+v", i, *r)
			}
		}
		if len(run.Translations) != 1 || run.Translations[0].Language == tag || len(run.Translations[0].Rules) != len(rules) {
			t.Fatalf("the translation is %+v", run.Translations)
		}
		for i, r := range rules {
			info, _ := diag.Lookup(r.ID)
			if r.ShortDescription.Text != info.Title.In(lang) || r.FullDescription.Text == "" || !strings.Contains(r.Help.Text, info.Explain.In(lang)) {
				t.Errorf("%s is not explained: %+v", r.ID, r)
			}
			if !strings.Contains(r.Help.Markdown, info.Explain.ZH) || !strings.Contains(r.Help.Markdown, info.Explain.EN) {
				t.Errorf("the help of %s is not in both languages", r.ID)
			}
			if run.Translations[0].Rules[i].ID != r.ID {
				t.Errorf("rule %d of the translation is %s", i, run.Translations[0].Rules[i].ID)
			}
		}
	}
}

// Columns are UTF-16 units: each person of the family before the word counts two.
func TestSARIFColumnsAreUTF16(t *testing.T) {
	at := diag.Word(5, len([]rune("    on: 👨‍👩‍👧 全家福 "))+1, "whne")
	run := sarif(t, diag.List{diag.At("rules/refund.yaml", at).Error("BE102", diag.T("未知", "unknown"))}, diag.ZH).Runs[0]
	r := run.Results[0].Locations[0].PhysicalLocation.Region
	if want := at.Start.Column + 3; r.StartColumn != want || r.EndColumn != want+4 {
		t.Errorf("columns %d to %d, want %d to %d", r.StartColumn, r.EndColumn, want, want+4)
	}
}

// Addresses are percent-encoded and relative to the root; only what lies at an
// absolute path has an address of its own.
func TestSARIFAddresses(t *testing.T) {
	for file, want := range map[string]string{
		"rules/退款 1#.yaml": "rules/%E9%80%80%E6%AC%BE%201%23.yaml",
		"./rules/a.yaml":   "rules/a.yaml",
		"a:b.yaml":         "./a:b.yaml",
		"/etc/a b.yaml":    "file:///etc/a%20b.yaml",
	} {
		run := sarif(t, diag.List{diag.At(file, diag.Span(1, 1, 1)).Error("BE102", diag.T("未知", "unknown"))}, diag.ZH).Runs[0]
		got := run.Results[0].Locations[0].PhysicalLocation.ArtifactLocation
		base := "%SRCROOT%"
		if strings.HasPrefix(file, "/") {
			base = ""
		}
		if got.URI != want || got.URIBaseID != base {
			t.Errorf("%s: %+v, want %s", file, got, want)
		}
	}
}
