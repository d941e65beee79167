package engine

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"botengine/internal/event"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestDecisions plays the stories under testdata: rules, a script, and what every
// line of the script leads to.
func TestDecisions(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { playFile(t, file) })
	}
}

func playFile(t *testing.T, file string) {
	t.Helper()
	story, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{files: map[string]string{}}
	for _, f := range story.Files {
		s.files[f.Name] = string(f.Data)
	}
	s.world = newWorld(t, s.files["rules.yaml"])
	got := s.play(s.files["script"])
	if !*update {
		if want := s.files["want"]; got != want {
			t.Errorf("%s: got\n%s\nwant\n%s\nrun with -update if it is right", file, got, want)
		}
		return
	}
	kept := story.Files[:0]
	for _, f := range story.Files {
		if f.Name != "want" {
			kept = append(kept, f)
		}
	}
	story.Files = append(kept, txtar.File{Name: "want", Data: []byte(got)})
	if err := os.WriteFile(file, txtar.Format(story), 0o644); err != nil {
		t.Fatal(err)
	}
}

// stage plays a script in a world.
type stage struct {
	*world
	files map[string]string
}

func (s *stage) play(script string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(script), "\n") {
		fmt.Fprintf(&out, "> %s\n", line)
		for _, ev := range s.perform(line) {
			out.WriteString(s.describe(s.handle(ev)))
		}
	}
	return out.String()
}

// perform does one line of the script and returns the events it makes:
//
//	say|whisper|ask WHO TEXT, picture WHO, join WHO…, status NUMBER, every on,
//	load FILE, wait DURATION,
//	ok [FILE], code CODE MSG, echo: the oldest open command ends so
func (s *stage) perform(line string) []*event.Event {
	verb, rest, _ := strings.Cut(line, " ")
	who, text, _ := strings.Cut(rest, " ")
	switch verb {
	case "say":
		return []*event.Event{s.says(who, text)}
	case "whisper":
		return []*event.Event{s.whispers(who, text)}
	case "ask":
		return []*event.Event{s.asks(who, text)}
	case "picture":
		return []*event.Event{s.shows(who)}
	case "status":
		return []*event.Event{s.becomes(rest)}
	case "join":
		return []*event.Event{s.joins(strings.Fields(rest)...)}
	case "every":
		s.every = true
	case "load":
		s.load(s.files[rest])
	case "wait":
		return s.wait(rest)
	case "ok":
		return []*event.Event{s.result(s.open[0], event.CodeOK, "ok", []byte(s.files[rest]))}
	case "code":
		return []*event.Event{s.result(s.open[0], who, text, nil)}
	case "echo":
		return []*event.Event{s.echo(s.open[0])}
	default:
		s.t.Fatalf("%s: not a line of a script", line)
	}
	return nil
}

func (s *stage) wait(duration string) []*event.Event {
	d, err := time.ParseDuration(duration)
	if err != nil {
		s.t.Fatal(err)
	}
	s.now = s.now.Add(d)
	var timers []*event.Event
	for _, r := range s.due() {
		timers = append(timers, s.timer(r))
	}
	return timers
}
