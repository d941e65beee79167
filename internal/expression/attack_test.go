package expression

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"botengine/internal/event"
)

// An attack ends within 5 ms and says how: refused when compiled, stopped when run,
// or harmless. What else the machine does at the time must not count: it is the
// thread's own time, and a slow run is tried again and the fastest counts.
const (
	attackBound = 5 * time.Millisecond
	attackTries = 30
)

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
	s.Past = slowPast{}
	s.Event.Message.Text = strings.Repeat("a", 60<<10)
	return s
}

// gatheredFlood is as much as a rule may gather.
func gatheredFlood() *Scope {
	s := sample()
	for i := range 200 {
		s.Gathered = append(s.Gathered, Gathered{Kind: event.MessageText, Text: strings.Repeat("啊", 680), Sender: event.Person{ID: fmt.Sprint(i)}})
	}
	return s
}

// counters are conditions that ask as many counters.
func counters(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(`count("chat.n%d", "1h") > 999`, i)
	}
	return out
}

// slowPast answers as a store does whose counters and tags are as many as they may
// be.
type slowPast struct{}

func (slowPast) Count(string, string, time.Duration) int64  { return decoded(500) }
func (slowPast) Since(string, string) (time.Duration, bool) { return time.Hour, decoded(500) > 0 }
func (slowPast) Tagged(string) bool                         { return decoded(100) < 0 }
func (slowPast) Listed(string, string) bool                 { return decoded(10) < 0 }

// decoded decodes that many entries of a counter.
func decoded(n int) int64 {
	var c struct {
		Entries [][2]int64 `json:"e"`
	}
	if err := json.Unmarshal([]byte(`{"e":[`+strings.Repeat("[1795395600000,1],", n)+`[1795395600000,1]]}`), &c); err != nil {
		panic(err)
	}
	return int64(len(c.Entries))
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
		Lists:  map[string][]string{"many": many, "huge": huge, "grown": {"x"}},
		Vars:   map[string]any{"many": many},
		Macros: map[string]string{"bomb0": "text + text", "bomb1": "bomb0 + bomb0", "bomb2": "bomb1 + bomb1", "bomb3": "bomb2 + bomb2", "bomb4": "bomb3 + bomb3", "bomb5": "bomb4 + bomb4", "bomb6": "bomb5 + bomb5", "bomb7": "bomb6 + bomb6"},
		Steps:  []string{"a"},
		Gather: true, Changing: map[string]bool{"grown": true},
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
		{"a dense regex", `text matches "(x+x+)+y|(a|aa)+$|(.*a){12}b"`, stopped},
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
		{"a counter in a loop", `any(lists.many, count("chat.n", "1h") < 0)`, harmless},
		{"many counters", strings.Join(counters(60), " or "), stopped},
		{"how long ago, in a loop", `any(lists.many, since("chat.n") < duration("1s"))`, harmless},
		{"tags in a loop", `any(lists.many, tagged(#))`, stopped},
		{"a list that rules change, in a loop", `any(lists.many, in_list("grown", #))`, stopped},
		{"a list that rules change, in two loops", `any(lists.many, any(lists.many, # in lists.grown))`, stopped},
		{"a counter whose name is said", `count(text) > 1`, refused},
		{"a window that is said", `count("chat.n", text) > 1`, refused},
		{"all gathered events, twice", `any(events, {let a = #; any(events, .text contains a.text + "x")})`, stopped},
		{"all gathered texts in one", `len(join(map(events, .text + .text + .text), "")) > 0`, stopped},
		{"templates in a text", `text contains "{{text}}" or text contains "${x}"`, harmless},
		{"another's fuel by a closure", `let f = filter(lists.many, # != text); any(f, any(f, # == "x"))`, stopped},
		{"a chain of joins", `len(join(split(join(split(text, "a"), "aaaa"), "a"), "aaaa")) > 0`, stopped},
		{"a map of maps of lists", `len(map(lists.many, {{"a": lists.many, "b": lists.many}})) > 0`, harmless},
		{"fetching by a long key", `get(vars, text + text) == nil`, refused},
		{"optional chains", `text` + strings.Repeat("?.a", 1300), refused},
		{"a pipe of functions", `text` + strings.Repeat(" | trim()", 400) + ` == ""`, refused},
		{"coalescing nothing", strings.Repeat("nil ?? ", 600) + "true", refused},
		{"slices of slices", `text` + strings.Repeat("[1:]", 300) + ` == ""`, refused},
		{"a number of digits", strings.Repeat("9", 4000) + " > 1", refused},
		{"escapes", `text == "` + strings.Repeat(`\u4e00`, 600) + `"`, harmless},
	}
	table := []string{fmt.Sprintf("| %-58s | %-8s | %-34s | %8s | %8s |", "attack", "outcome", "finding or reason", "load ms", "run ms")}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { table = append(table, attack(t, tt.src, tt.want).row(tt.name)) })
	}
	t.Logf("%d attacks, the limit is %s each\n%s", len(tests), attackBound*slowdown, strings.Join(table, "\n"))
}

// fastest is how long f computes where nothing disturbs it.
func fastest(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := time.Duration(math.MaxInt64)
	for range attackTries {
		began := threadTime()
		f()
		if best = min(best, threadTime()-began); best <= attackBound {
			break
		}
	}
	return best
}

// attacked is what became of one attack.
type attacked struct {
	outcome  string // refused, stopped, harmless
	code     string // of the finding, or what the machine said
	compile  time.Duration
	run      time.Duration // the longest
	problems []Problem
}

// row is the attack's line in the table.
func (a attacked) row(name string) string {
	return fmt.Sprintf("| %-58s | %-8s | %-34s | %8.3f | %8.3f |", name, a.outcome, a.code, a.compile.Seconds()*1e3, a.run.Seconds()*1e3)
}

// attack compiles and runs src in the worst events; the worst outcome counts.
func attack(t *testing.T, src, want string) attacked {
	t.Helper()
	options := attackOptions()
	var c *Condition
	a := attacked{outcome: "harmless", code: "-"}
	a.compile = fastest(func() { c, a.problems = CompileCondition(src, options) })
	if len(a.problems) > 0 {
		a.outcome, a.code = "refused", a.problems[0].Code
	}
	for _, s := range []*Scope{hostile(), flood(), gatheredFlood()} {
		if c == nil {
			break
		}
		var err error
		a.run = max(a.run, fastest(func() { _, err = c.Eval(s) }))
		if err == nil {
			continue
		}
		a.outcome, a.code = "stopped", "cannot be computed"
		if errors.Is(err, ErrBudget) {
			a.code = "expression budget exceeded"
		}
		if _, ok := errors.AsType[*RunError](err); !ok {
			t.Errorf("the error is no RunError: %v", err)
		}
	}
	if a.outcome != want {
		t.Errorf("it was %s, want %s (%v)", a.outcome, want, a.problems)
	}
	if limit := attackBound * slowdown; a.compile > limit || a.run > limit {
		t.Errorf("it took %s to compile and %s to run, %s each is the limit", a.compile, a.run, limit)
	}
	return a
}
