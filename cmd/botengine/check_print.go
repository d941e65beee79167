package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// understood prints each rule as it was understood, in the order in which rules
// are asked. Findings go to stderr; with errors there is nothing to print.
func (k *checker) understood(output string) error {
	if output != "text" && output != "json" {
		return errors.New(k.say("-o 只能是 text 或 json", "-o is text or json"))
	}
	done, err := k.run()
	if err != nil {
		return err
	}
	if err := k.print(k.err, done.findings, diag.FormatText); err != nil {
		return err
	}
	if done.set != nil {
		all := make([]rule.Description, 0, len(done.set.Rules))
		for _, r := range done.set.Rules {
			all = append(all, r.Describe())
		}
		if err := k.describe(all, output); err != nil {
			return err
		}
	}
	return k.verdict(done.findings)
}

func (k *checker) describe(all []rule.Description, output string) error {
	if output == "json" {
		e := json.NewEncoder(k.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(struct {
			V     int                `json:"v"`
			Rules []rule.Description `json:"rules"`
		}{1, all})
	}
	var b strings.Builder
	for i, d := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		k.describeOne(&b, d)
	}
	_, err := fmt.Fprint(k.out, b.String())
	return err
}

func (k *checker) describeOne(b *strings.Builder, d rule.Description) {
	fmt.Fprintf(b, "%s  %s:%d\n", d.ID, d.File, d.Line)
	for _, f := range d.Fields {
		fmt.Fprintf(b, "  %s: %s\n", f.Name, values(f.Values))
	}
	fmt.Fprintf(b, "  %s\n", k.say("步骤：", "steps:"))
	for _, s := range d.Steps {
		name := s.Does
		if s.ID != "" {
			name += " (" + s.ID + ")"
		}
		fmt.Fprintf(b, "    %s  %s  %s\n", s.Path, name, fmt.Sprintf(k.say("第 %d 行", "line %d"), s.Line))
		for _, f := range s.Fields {
			fmt.Fprintf(b, "        %s: %s\n", f.Name, values(f.Values))
		}
		for _, w := range s.Ways {
			fmt.Fprintf(b, "        %s → %s\n", w.Name, k.orEnd(w.To))
		}
		fmt.Fprintf(b, "        → %s\n", k.orEnd(s.Next))
	}
}

// orEnd is the path of a step, or the word for none.
func (k *checker) orEnd(path string) string {
	if path == "" {
		return k.say("结束", "end")
	}
	return path
}

// values writes several values as a list; nothing in them can steer a terminal or
// be taken for the end of its value.
func values(all []string) string {
	var out []string
	for _, v := range all {
		if strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) }) || len(all) > 1 && strings.Contains(v, ",") {
			v = strconv.Quote(v)
		}
		out = append(out, v)
	}
	return strings.Join(out, ", ")
}
