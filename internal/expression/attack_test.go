package expression

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"botengine/internal/event"
)

// An attack ends quickly and says how: refused when compiled, stopped when run, or
// harmless. The bound is generous because the race detector and a busy machine
// slow everything down; in peace each takes a few milliseconds.
const attackBound = 50 * time.Millisecond

// hostile is an event that makes everything cost as much as it can.
func hostile() *Scope {
	s := sample()
	s.Event.Kind = event.MemberJoin
	s.Event.Message.Text = ""
	for i := range 500 {
		s.Event.Members = append(s.Event.Members, event.Person{ID: fmt.Sprint(i), Name: strings.Repeat("名", 200)})
	}
	return s
}

// flood is a message as long as the platform lets through, and longer.
func flood() *Scope {
	s := sample()
	s.Event.Message.Text = strings.Repeat("a", 60<<10)
	return s
}

func attackOptions() *Options {
	many := make([]string, 1000)
	for i := range many {
		many[i] = fmt.Sprintf("%04d", i)
	}
	huge := make([]string, 50_000)
	for i := range huge {
		huge[i] = fmt.Sprintf("%08d", i)
	}
	return &Options{
		Memo:   &Memo{},
		Lists:  map[string][]string{"many": many, "huge": huge},
		Vars:   map[string]any{"many": many},
		Macros: map[string]string{"bomb0": "text + text", "bomb1": "bomb0 + bomb0", "bomb2": "bomb1 + bomb1", "bomb3": "bomb2 + bomb2", "bomb4": "bomb3 + bomb3", "bomb5": "bomb4 + bomb4", "bomb6": "bomb5 + bomb5", "bomb7": "bomb6 + bomb6"},
		Steps:  []string{"a"},
	}
}

func TestAttacks(t *testing.T) {
	hundred := "[" + strings.Repeat("1,", 99) + "1]"
	refused, stopped, harmless := "refused", "stopped", "harmless"
	tests := []struct{ name, src, want string }{
		{"a fold that doubles a text", `len(reduce(1..40, #acc + #acc, "xxxxxxxxxx")) > 0`, refused},
		{"a fold over a list", `len(reduce(members, #acc + #acc, "xxxxxxxxxx")) > 0`, refused},
		{"a range", `len(1..10000000) > 0`, refused},
		{"repeat", `len(repeat("x", 1000000000)) > 0`, refused},
		{"JSON out", `toJSON(members) == ""`, refused},
		{"JSON in", `fromJSON(text) == nil`, refused},
		{"flatten", `len(flatten([lists.many, lists.many])) > 0`, refused},
		{"concat", `len(concat(lists.many, lists.many)) > 0`, refused},
		{"the process's time zones", `timezone("Europe/Berlin") == nil`, refused},
		{"a time zone as third argument", `date("2026-01-01", "2006-01-02", "Europe/Berlin") < now`, refused},
		{"three loops in each other", `any(` + hundred + `, any(` + hundred + `, any(` + hundred + `, # > 2)))`, refused},
		{"two loops of a thousand turns", `any(lists.many, {let a = #; any(lists.many, # == a + "x")})`, stopped},
		{"a loop over all members twice", `any(members, any(members, .name == "x"))`, stopped},
		{"a loop over a long list", `any(lists.huge, # == text)`, refused},
		{"sorting a long list", `len(sort(lists.huge)) > 0`, refused},
		{"sorting in a loop", `any(lists.many, len(sort(lists.many)) == 1)`, refused},
		{"sorting again and again", `len(` + strings.Repeat("sort(", 90) + "lists.many" + strings.Repeat(")", 90) + `) == 1`, refused},
		{"sorting twice", `len(sort(sort(lists.many))) == 1`, harmless},
		{"calls in calls, which the type checker would try in every way", strings.Repeat("trim(", 100) + "text" + strings.Repeat(")", 100) + ` == ""`, refused},
		{"calls of ours in calls of ours", strings.Repeat("fold(", 150) + "text" + strings.Repeat(")", 150) + ` == ""`, harmless},
		{"unique in a loop", `any(lists.many, len(uniq(lists.many)) == 1)`, stopped},
		{"a regex from the message", `text matches text`, refused},
		{"a regex that is built", `text matches ("a" + text)`, refused},
		{"a regex that repeats repeats", `text matches "((a{100}){100}){100}"`, refused},
		{"a regex of many repeats", `text matches "` + strings.Repeat("a{1000}", 100) + `"`, refused},
		{"a dense regex", `text matches "(x+x+)+y|(a|aa)+$|(.*a){12}b"`, harmless},
		{"a dense regex in a loop", `any(lists.many, text matches "(a|aa|aaa)*b[^c]{30}d")`, stopped},
		{"dense regexes one after the other", strings.Repeat(`text matches "(.*a){20}b$" or `, 40) + "false", stopped},
		{"a macro bomb", `len(bomb7) > 0`, refused},
		{"a text that grows", `let a = text + text; let b = a + a; let c = b + b; len(c + c) > 0`, stopped},
		{"a text that grows by replacing", `len(replace(replace(text, "a", "aaaaaaaaaa"), "a", "aaaaaaaaaa")) > 0`, stopped},
		{"replacing nothing", `len(replace(text, "", "aaaaaaaaaa")) > 0`, stopped},
		{"joining", `len(join(map(lists.many, text), text)) > 0`, stopped},
		{"lists of texts", `len(map(lists.many, map(lists.many, text))) > 0`, stopped},
		{"splitting into characters", `len(split(text, "")) > 0`, stopped},
		{"splitting in a loop", `any(lists.many, len(split(text, "b")) == 9)`, stopped},
		{"searching in a loop", `any(lists.many, text contains # or text endsWith # or lower(text) == #)`, stopped},
		{"folding in a loop", `any(lists.many, fold(text + #) == "")`, stopped},
		{"looking for long lists in a loop", `any(lists.many, contains_any(text, lists.huge))`, stopped},
		{"printing a list", `string(map(lists.many, text)) == ""`, stopped},
		{"comparing lists", `map(lists.many, #) == map(lists.many, #)`, harmless},
		{"grouping by itself", `len(groupBy(lists.many, #)) == 1000`, harmless},
		{"brackets", strings.Repeat("(", 1_000_000) + "1", refused},
		{"list brackets", strings.Repeat("[", 1_000_000), refused},
		{"exclamation marks", strings.Repeat("!", 1_000_000) + "true", refused},
		{"as many brackets as fit", strings.Repeat("(", 2000) + "true" + strings.Repeat(")", 2000), harmless},
		{"as many exclamation marks as fit", strings.Repeat("!", 4000) + "true", refused},
		{"a chain of fields", "text" + strings.Repeat(".a", 2000), refused},
		{"a chain of conditions", strings.Repeat("true ? ", 500) + "true" + strings.Repeat(" : true", 500), refused},
		{"the machine's own names", `__tick(__run, 0)`, refused},
		{"the environment", `$env == nil`, refused},
		{"a budget of its own by a variable", `let __run = 1; true`, refused},
		{"a power tower", `9 ** 9 ** 9 ** 9 > 1`, harmless},
		{"division by zero", `1 % 0 == 0`, stopped},
		{"a negative shift", `bitshl(1, -1) == 0`, stopped},
		{"a key that no map takes", `len(groupBy([[1], [2]], #)) == 2`, stopped},
		{"bytes", `len(b"abc") == 3`, harmless},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { attack(t, tt.src, tt.want) })
	}
}

// fastest is how long f takes; what else the machine does must not count, so a
// slow run is tried again.
func fastest(f func()) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range 3 {
		began := time.Now()
		f()
		if best = min(best, time.Since(began)); best <= attackBound*slowdown {
			break
		}
	}
	return best
}

// attack compiles and runs src in the worst events; the worst outcome counts.
func attack(t *testing.T, src, want string) {
	options := attackOptions()
	var c *Condition
	var problems []Problem
	took := []time.Duration{fastest(func() { c, problems = CompileCondition(src, options) })}
	got := "harmless"
	if len(problems) > 0 {
		got = "refused"
	}
	for _, s := range []*Scope{hostile(), flood()} {
		if c == nil {
			break
		}
		var err error
		took = append(took, fastest(func() { _, err = c.Eval(s) }))
		if err != nil {
			got = "stopped"
			if _, ok := errors.AsType[*RunError](err); !ok {
				t.Errorf("the error is no RunError: %v", err)
			}
		}
	}
	if got != want {
		t.Errorf("it was %s, want %s (%v)", got, want, problems)
	}
	for _, d := range took {
		if d > attackBound*slowdown {
			t.Errorf("it took %v", took)
		}
	}
	t.Log(took)
}
