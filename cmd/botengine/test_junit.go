package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"botengine/internal/diag"
)

// The elements of a JUnit report, as CI servers read them: a suite for each file, a
// case for each test. A test that expects nothing is `skipped`: it is neither passed
// nor failed.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Skipped *junitSkipped `xml:"skipped"`
		Failure *junitFailure `xml:"failure"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes the results to a file.
func writeJUnit(path string, done []outcome, lang diag.Lang) error {
	data, err := junit(done, lang)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.WriteFile(path, data, 0o644) //nolint:gosec // a report, for whoever may read the rules
}

func junit(done []outcome, lang diag.Lang) ([]byte, error) {
	out := junitSuites{Name: "botengine"}
	var whole time.Duration
	for begin := 0; begin < len(done); {
		end := begin
		for end < len(done) && done[end].File == done[begin].File {
			end++
		}
		suite, took := junitFile(done[begin:end], lang)
		out.Suites = append(out.Suites, suite)
		out.Tests, out.Failures = out.Tests+suite.Tests, out.Failures+suite.Failures
		whole, begin = whole+took, end
	}
	out.Time = seconds(whole)
	data, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(data, '\n')...), nil
}

func junitFile(done []outcome, lang diag.Lang) (junitSuite, time.Duration) {
	suite := junitSuite{Name: done[0].File, Tests: len(done)}
	var whole time.Duration
	for i := range done {
		o := &done[i]
		whole += o.took
		one := junitCase{Name: o.Name, Class: classOf(o.File), Time: seconds(o.took)}
		switch o.state() {
		case "failed":
			suite.Failures++
			one.Failure = failureOf(o, lang)
		case "unexpecting":
			suite.Skipped++
			one.Skipped = &junitSkipped{Message: diag.T("还没写 expect：什么也没检查", "expects nothing yet: nothing is checked").In(lang)}
		}
		suite.Cases = append(suite.Cases, one)
	}
	suite.Time = seconds(whole)
	return suite, whole
}

// classOf is the file without its ending: CI servers cut class names at dots.
func classOf(file string) string {
	return strings.TrimSuffix(strings.TrimSuffix(file, ".yaml"), ".yml")
}

func failureOf(o *outcome, lang diag.Lang) *junitFailure {
	f := &junitFailure{Message: o.Failures[0].What.In(lang), Type: "expect"}
	var b strings.Builder
	for _, one := range o.Failures {
		b.WriteString(one.First(lang) + "\n")
		for _, line := range one.Diff {
			b.WriteString("    " + line + "\n")
		}
		for _, w := range one.Why {
			b.WriteString("    " + w.In(lang) + "\n")
		}
	}
	f.Text = b.String()
	return f
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }
