package ruletest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Recorded is an event of the journal, to be made a test of.
type Recorded struct {
	Event event.Event
	At    time.Time // when it was taken in
	Fired []string  // the rules that fired then
	// HasText says that the journal kept what was written; else there are only hashes
	// of it, or nothing.
	HasText bool
	// KeepText keeps what was written as it is. Else only what the rules look for
	// stays, and every other rune becomes one of its sort: 某, x, 0.
	KeepText bool
}

// ErrNoTest marks events that a test has no step for.
var ErrNoTest = errors.New("tests have no step for events of this kind")

// FromTrace writes a test file of a recorded event, ready to pass against the set.
// Names, ids and addresses are stand-ins, the same for the same; what the rules
// themselves look for stays, as far as it takes to get the same outcomes.
func FromTrace(set *rule.Set, rec Recorded) ([]byte, error) {
	step, ok := stepOf(&rec)
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrNoTest, rec.Event.Kind)
	}
	r := redactor{set: set, rec: &rec}
	r.real(step)
	r.redact()
	return r.write()
}

// stepOf is the event as a step, as it was.
func stepOf(rec *Recorded) (s Step, ok bool) {
	ev := &rec.Event
	s.By, s.Group = ev.Sender.Name, ev.Chat.Name
	if !ev.Chat.Group {
		s.Group = ""
	}
	switch {
	case ev.Kind == event.MessageText:
		s.Say, s.AtMe = ev.Message.Text, ev.Message.MentionsMe
	case ev.Kind == event.MessagePhone:
		s.Phone, s.By = ev.Message.Text, ev.Chat.Name
	case ev.Kind == event.MessageFile:
		s.Media, s.Say = "file", ev.Message.FileName
	case ev.Kind == event.MessageLink:
		s.Media, s.Say = "link", ev.Message.Link.Title
	case slices.Contains(media, ev.Kind):
		s.Media = strings.TrimPrefix(string(ev.Kind), "message.")
	case ev.Kind == event.FriendRequest:
		s.Friend, s.Reason = ev.Friend.Name, ev.Friend.Reason
	case ev.Kind == event.MemberJoin:
		for _, p := range ev.Members {
			s.Join = append(s.Join, p.Name)
		}
	case ev.Kind.IsRobotStatus():
		s.Status = strings.TrimPrefix(string(ev.Kind), "robot.")
	case ev.Kind == event.ChatUpdated:
		s.Updated, s.By = true, cmp.Or(s.By, ev.Chat.Name)
	case ev.Kind == event.Start:
		s.Start = true
	default:
		return s, false
	}
	return s, true
}

// redactor looks for the least that a test has to say for the same outcomes.
type redactor struct {
	set  *rule.Set
	rec  *Recorded
	head Head
	step Step
	want string // the signature that has to stay
}

// real takes over the step as it was; people are known by their ids, and what the
// journal did not keep has a stand-in from the start.
func (r *redactor) real(s Step) {
	ev := &r.rec.Event
	r.head = Head{start: r.rec.At, Account: ev.Account, Seed: ""}
	r.step = s
	for i, text := range r.texts() {
		if !r.rec.HasText && *text != "" {
			*r.texts()[i] = unknown(*text)
		}
	}
	if ev.Message.Text == "" && ev.Kind == event.MessageText && r.step.Say == "" {
		r.step.Say = "某"
	}
	if r.step.Group != "" && ev.Chat.Known {
		r.head.Groups = map[string]Group{r.step.Group: {Size: ev.Chat.Size, Owner: ev.Chat.OwnerName, Labels: ev.Chat.Labels}}
	}
	r.identify()
	r.want = r.signature()
}

// identify makes the step one of the very people and the very group, where rules go
// by their ids. What a step can't say of the event is left out.
func (r *redactor) identify() {
	ev, peer := r.rec.Event, r.rec.Event.Chat.Peer
	target := r.signatureOf(&ev)
	name, groups := r.step.By, r.head.Groups
	if r.signature() == target {
		return
	}
	if r.step.By = ev.Sender.ID; idOf(ev.Sender.ID) == ev.Sender.ID && r.signature() == target {
		return
	}
	if strings.HasPrefix(peer, "R:") && r.step.Group != "" {
		g := groups[r.step.Group]
		g.ID = peer
		r.head.Groups = map[string]Group{r.step.Group: g}
		if r.signature() == target {
			return
		}
		if r.step.By = name; r.signature() == target {
			return
		}
	}
	r.step.By, r.head.Groups = name, groups
}

// texts are what people wrote.
func (r *redactor) texts() []*string { return []*string{&r.step.Say, &r.step.Phone, &r.step.Reason} }

// unknown stands for a text of which the journal kept a hash and the length, or
// nothing.
func unknown(kept string) string {
	_, length, _ := strings.Cut(kept, "/")
	n, err := strconv.Atoi(length)
	if err != nil || n < 1 {
		n = 1
	}
	return strings.Repeat("某", min(n, 2000))
}

// redact puts stand-ins in the place of everything, and takes back what the rules
// look for.
func (r *redactor) redact() {
	ev := &r.rec.Event
	by := ev.Sender.ID
	if ev.Kind == event.MessagePhone || ev.Kind == event.ChatUpdated && !ev.Chat.Group {
		by = ev.Chat.Peer
	}
	r.name(&r.step.By, "客户", by)
	r.name(&r.step.Friend, "客户", ev.Friend.ID)
	for i := range r.step.Join {
		r.name(&r.step.Join[i], "客户", ev.Members[i].ID)
	}
	r.group()
	if r.rec.KeepText || !r.rec.HasText {
		return
	}
	for _, text := range r.texts() {
		if *text != "" {
			r.mask(text)
		}
	}
}

// name puts a stand-in in the place of a person; where that changes an outcome, what
// the rules look for in the name stays.
func (r *redactor) name(at *string, sort, id string) {
	real := *at
	if real == "" && id == "" {
		return
	}
	*at = sort + standIn(id+real)
	if r.same() {
		return
	}
	if *at = real; real != "" && real != id { // an id that a rule names stays
		r.mask(at)
	}
}

// group puts a stand-in in the place of a group's name.
func (r *redactor) group() {
	real := r.step.Group
	if real == "" {
		return
	}
	known, has := r.head.Groups[real]
	known.Owner = ""
	put := func(name string, g Group) {
		r.step.Group = name
		if has {
			r.head.Groups = map[string]Group{name: g}
		}
	}
	peer := r.rec.Event.Chat.Peer
	bare := known
	bare.ID = ""
	for _, g := range []Group{bare, known} {
		if put("群"+standIn(peer), g); r.same() {
			return
		}
	}
	put(real, known)
	masked := real
	r.shrink([]rune(real), func(text string) { masked = text; put(text, known) })
	put(masked, known)
}

// mask leaves of a text what it takes for the same outcomes.
func (r *redactor) mask(at *string) {
	r.shrink([]rune(*at), func(text string) { *at = text })
}

// shrink masks as many runes as it can, piece by piece: all, then each half, and so
// on. put tries a text, and in the end sets it.
func (r *redactor) shrink(text []rune, put func(string)) {
	var halve func(from, to int)
	halve = func(from, to int) {
		before := slices.Clone(text[from:to])
		for i := from; i < to; i++ {
			text[i] = blank(text[i])
		}
		put(string(text))
		if slices.Equal(before, text[from:to]) || r.same() {
			return
		}
		copy(text[from:to], before)
		if to-from > 1 {
			halve(from, (from+to)/2)
			halve((from+to)/2, to)
		}
	}
	halve(0, len(text))
	put(string(text))
}

// blank is a rune that says no more than of which sort another is.
func blank(c rune) rune {
	switch {
	case c >= '0' && c <= '9':
		return '0'
	case c >= 'a' && c <= 'z':
		return 'x'
	case c >= 'A' && c <= 'Z':
		return 'X'
	case c < 0x80 || c == '，' || c == '。' || c == '？' || c == '！' || c == '：' || c == '、' || c == '；':
		return c
	}
	return '某'
}

// standIn is a short number, the same for the same person or group.
func standIn(id string) string {
	return fmt.Sprintf("%04d", mustNumber(idOf("stand-in "+id))%10000)
}

func mustNumber(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0 // idOf of such a name is digits
	}
	return n
}

func (r *redactor) same() bool { return r.signature() == r.want }

// signature is all that the rules make of the step: their outcomes, and the words
// that they found.
func (r *redactor) signature() string {
	seen, ev, err := r.run()
	if err != nil {
		return err.Error()
	}
	return r.sign(seen, ev)
}

// signatureOf is that of the event itself, as if the robot of the tests had heard of
// it.
func (r *redactor) signatureOf(ev *event.Event) string {
	s := newStory(r.set, r.head.over(Head{}))
	ev.Robot, ev.Received = s.robot, ev.Time
	if ev.Chat.Peer != "" {
		ev.Chat.ID = event.ChatID(s.robot.ID, ev.Chat.Peer)
	}
	s.world.now = ev.Time
	return r.sign(s.seen(s.world.sent(s.world.take(*ev, true))), ev)
}

func (r *redactor) sign(seen Seen, ev *event.Event) string {
	var b strings.Builder
	for _, id := range slices.Sorted(maps.Keys(seen.Verdicts)) {
		b.WriteString(id + "=" + string(seen.Verdicts[id].Outcome) + "\n")
	}
	if ev == nil {
		return b.String()
	}
	for _, m := range r.set.Match(ev, ev.Time, true) {
		for _, word := range m.Hit.Words {
			if r.written(word) { // what a regex found is not in the rules: that it found something is enough
				b.WriteString(m.Rule.ID + " found " + word + "\n")
			}
		}
	}
	return b.String()
}

// written says whether a word stands in the files of the rules.
func (r *redactor) written(word string) bool {
	return slices.ContainsFunc(r.set.Sources, func(src rule.Source) bool { return strings.Contains(string(src.Text), word) })
}

// run carries out the step.
func (r *redactor) run() (Seen, *event.Event, error) {
	s := newStory(r.set, r.head.over(Head{}))
	s.world.robots = s.scheduled([]Step{r.step})
	decisions, err := s.take(&r.step)
	if err != nil {
		return Seen{}, nil, err
	}
	return s.seen(s.world.sent(decisions)), s.last, nil
}

// write writes the file and holds that it passes.
func (r *redactor) write() ([]byte, error) {
	seen, _, err := r.run()
	if err != nil {
		return nil, err
	}
	names := (&Test{Steps: []Step{r.step}}).people()
	text := []byte(r.text(&seen, names))
	f, found := Read(rule.Source{Path: "trace_test.yaml", Text: text})
	if !found.HasErrors() {
		found = Check(r.set, &f)
	}
	if found.HasErrors() {
		return nil, Faults(found)
	}
	failures, err := Run(r.set, f)
	if err == nil && len(failures) > 0 {
		err = failures[0].error()
	}
	if err != nil {
		return nil, fmt.Errorf("the written test does not pass: %w", err)
	}
	return text, nil
}

func (f Failure) error() error { return errors.New(f.In(diag.EN)) }

func (r *redactor) text(seen *Seen, names map[string]string) string {
	var b strings.Builder
	at := r.rec.At.In(shanghai)
	b.WriteString("# 由一个记录下来的事件写成：名字、编号、链接都是替身。\n# Written from a recorded event; names, ids and links are stand-ins.\n")
	if !slices.Equal(r.rec.Fired, seen.Rules) {
		fmt.Fprintf(&b, "# 当时触发的规则 / fired then: %v；这里没有之前的状态 / here nothing is known of the past: %v\n", r.rec.Fired, seen.Rules)
	}
	fmt.Fprintf(&b, "start: %s\n", at.Format(time.RFC3339))
	if r.head.Account != "" {
		fmt.Fprintf(&b, "account: %s\n", scalar(r.head.Account))
	}
	for name, g := range r.head.Groups {
		fmt.Fprintf(&b, "groups:\n  %s: {%s}\n", scalar(name), strings.Join(g.words(), ", "))
	}
	fmt.Fprintf(&b, "tests:\n  - name: %s\n    steps:\n", scalar("记录于 "+at.Format("2006-01-02 15点04分05秒")))
	for i, line := range r.step.lines() {
		b.WriteString([]string{"        ", "      - "}[boolIndex(i == 0)] + line + "\n")
	}
	return b.String() + blockOf(seen.parts(names), 8, "\n") + "\n"
}

func boolIndex(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
