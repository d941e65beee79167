package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// table is what is printed: figures with their goals.
type table struct {
	rows  []row
	notes []string
}

type row struct{ name, figure, goal, met string }

func (t *table) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// add adds a figure.
func (t *table) add(name, figure, goal string, met bool) {
	r := row{name: name, figure: figure, goal: goal, met: "no"}
	if met {
		r.met = "yes"
	}
	t.rows = append(t.rows, r)
}

func (t *table) atMost(name string, figure, goal float64) {
	t.add(name, number(figure), "<= "+number(goal), figure <= goal)
}

func (t *table) atLeast(name string, figure, goal float64) {
	t.add(name, number(figure), ">= "+number(goal), figure >= goal)
}

// within is atMost for a time.
func (t *table) within(name string, figure, goal time.Duration) {
	t.add(name, rounded(figure).String(), "<= "+goal.String(), figure <= goal)
}

// number has three digits, or all before the point.
func number(f float64) string {
	switch {
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	default:
		return fmt.Sprintf("%.2f", f)
	}
}

func rounded(d time.Duration) time.Duration {
	if d > 10*time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Microsecond)
}

func (t *table) write(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "figure\tmeasured\tgoal\tmet")
	for _, r := range t.rows {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", r.name, r.figure, r.goal, r.met)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, n := range t.notes {
		fmt.Fprintln(w, n)
	}
	return nil
}
