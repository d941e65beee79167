package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"testing"
	"time"

	"botengine/internal/diag"
	"botengine/internal/ruletest"
)

// junitSchema is what the JUnit schema that CI servers publish allows: for each
// element, its attributes ("!" = has to be there) and its children.
var junitSchema = map[string]struct{ attrs, children []string }{
	"testsuites": {[]string{"name", "tests", "failures", "errors", "time"}, []string{"testsuite"}},
	"testsuite":  {[]string{"!name", "!tests", "failures", "errors", "skipped", "time"}, []string{"testcase"}},
	"testcase":   {[]string{"!name", "!classname", "time"}, []string{"skipped", "failure"}},
	"skipped":    {[]string{"message"}, nil},
	"failure":    {[]string{"message", "type"}, nil},
}

func TestJUnitIsWhatTheSchemaAllows(t *testing.T) {
	bad := ruletest.Failure{File: "a_test.yaml", Line: 3, Test: "一", What: diag.T("要 <a> & \"b\" ]]>，实际 \x1b[31m\x00", "want <a> & \"b\" ]]>, got \x1b[31m\x00"), Diff: []string{"- 👋", "+ \ufffe"}, Why: []diag.Text{diag.T("条件 `a < b && c`", "condition `a < b && c`")}}
	done := []outcome{
		{Result: ruletest.Result{File: "a_test.yaml", Name: "一 <&\">\n", Failures: []ruletest.Failure{bad}}, took: time.Millisecond},
		{Result: ruletest.Result{File: "a_test.yaml", Name: "二"}},
		{Result: ruletest.Result{File: "b.yaml", Name: "\x00三", Asking: []int{0}}},
	}
	for _, lang := range []diag.Lang{diag.ZH, diag.EN} {
		data, err := junit(done, lang)
		if err != nil {
			t.Fatal(err)
		}
		counts := holdToSchema(t, data)
		if counts["testsuite"] != 2 || counts["testcase"] != 3 || counts["failure"] != 1 || counts["skipped"] != 1 {
			t.Errorf("%v in\n%s", counts, data)
		}
	}
}

// holdToSchema reads the XML and counts its elements.
func holdToSchema(t *testing.T, data []byte) map[string]int {
	t.Helper()
	counts, within := map[string]int{}, []string{}
	for dec := xml.NewDecoder(bytes.NewReader(data)); ; {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return counts
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, data)
		}
		switch e := token.(type) {
		case xml.StartElement:
			name := e.Name.Local
			if counts[name]++; len(within) > 0 && !slices.Contains(junitSchema[within[len(within)-1]].children, name) {
				t.Errorf("%s within %v", name, within)
			}
			holdAttributes(t, e)
			within = append(within, name)
		case xml.EndElement:
			within = within[:len(within)-1]
		}
	}
}

func holdAttributes(t *testing.T, e xml.StartElement) {
	t.Helper()
	allowed := junitSchema[e.Name.Local].attrs
	var has []string
	for _, a := range e.Attr {
		name := a.Name.Local
		has = append(has, "!"+name)
		if !slices.Contains(allowed, name) && !slices.Contains(allowed, "!"+name) {
			t.Errorf("%s has %s", e.Name.Local, name)
		}
		_, err := strconv.ParseFloat(a.Value, 64)
		if slices.Contains([]string{"tests", "failures", "errors", "skipped", "time"}, name) && err != nil {
			t.Errorf("%s of %s is %q", name, e.Name.Local, a.Value)
		}
	}
	for _, name := range allowed {
		if name[0] == '!' && !slices.Contains(has, name) {
			t.Errorf("%s lacks %s", e.Name.Local, name)
		}
	}
}
