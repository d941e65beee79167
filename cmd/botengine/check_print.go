package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
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
		k.describeField(b, "  ", f)
	}
	fmt.Fprintf(b, "  %s\n", k.say("步骤：", "steps:"))
	for _, s := range d.Steps {
		name := s.Does
		if s.ID != "" {
			name += " (" + s.ID + ")"
		}
		fmt.Fprintf(b, "    %s  %s  %s\n", s.Path, name, fmt.Sprintf(k.say("第 %d 行", "line %d"), s.Line))
		for _, f := range s.Fields {
			k.describeField(b, "        ", f)
		}
		for _, w := range s.Ways {
			fmt.Fprintf(b, "        %s → %s\n", w.Name, k.orEnd(w.To))
		}
		fmt.Fprintf(b, "        → %s\n", k.orEnd(s.Next))
	}
}

// timed are the fields whose lengths of time are said in words.
var timed = []string{
	"max_age", "cooldown", "loop_guard", "threshold", "once", "limit", "coalesce", "takeover", "timeout", "retry", "verify", "within",
}

// describeField writes one field on a line, lengths of time also in words.
func (k *checker) describeField(b *strings.Builder, indent string, f rule.DescribedField) {
	fmt.Fprintf(b, "%s%s: %s", indent, f.Name, values(f.Values))
	if f.Default {
		b.WriteString(k.say("（默认）", " (by default)"))
	}
	if slices.Contains(timed, f.Name) || slices.Contains([]string{"duration", "span"}, f.Kind) {
		if words := k.spans(strings.Join(f.Values, " ")); words != "" {
			b.WriteString(k.say("（"+words+"）", " ("+words+")"))
		}
	}
	b.WriteByte('\n')
}

// span is a length of time among other words.
var span = regexp.MustCompile(`\b(?:\d+(?:\.\d+)?(?:ms|h|m|s))+\b`)

// spans says the lengths of time in a text in words.
func (k *checker) spans(text string) string {
	var words []string
	for _, written := range span.FindAllString(text, -1) {
		if d, err := time.ParseDuration(written); err == nil && d > 0 {
			words = append(words, k.span(d))
		}
	}
	return strings.Join(words, k.say("，", ", "))
}

// span says a length of time in words: 1 小时 30 分钟.
func (k *checker) span(d time.Duration) string {
	var parts []string
	for _, unit := range []struct {
		of     time.Duration
		zh, en string
	}{{24 * time.Hour, "天", "day"}, {time.Hour, "小时", "hour"}, {time.Minute, "分钟", "minute"}, {time.Second, "秒", "second"}, {time.Millisecond, "毫秒", "millisecond"}} {
		n := d / unit.of
		d %= unit.of
		if n == 0 {
			continue
		}
		en := unit.en
		if n > 1 {
			en += "s"
		}
		parts = append(parts, fmt.Sprintf("%d ", n)+k.say(unit.zh, en))
	}
	return strings.Join(parts, " ")
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
