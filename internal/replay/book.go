package replay

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rehearsal"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// Origin is the event that commands go back to, however long their runs waited.
type Origin struct {
	Position uint64     `json:"position,omitempty"` // in the journal; 0 = it is not in there
	Key      string     `json:"key"`                // the event's name
	Kind     event.Kind `json:"kind"`
	ID       string     `json:"id,omitempty"`
	At       time.Time  `json:"at"`
	Robot    string     `json:"robot"`
	Chat     string     `json:"chat,omitempty"`
	ChatName string     `json:"chat_name,omitempty"`
	Sender   string     `json:"sender,omitempty"` // the id of who spoke, or asked
	Text     string     `json:"text,omitempty"`   // what people wrote: left out unless it is wanted

	answers [2][]Answer
	waiting [2]int // runs
	touched bool
}

// Answer is one command that an event led to.
type Answer struct {
	Rule string `json:"rule"`
	Step string `json:"step,omitempty"`
	Type string `json:"type"`
	// Robot and Chat are those that the command is for.
	Robot string `json:"robot,omitempty"`
	Chat  string `json:"chat,omitempty"`
	// Fields are what the platform would be told; nil = it is not known any more.
	Fields json.RawMessage `json:"fields,omitempty"`
	At     time.Time       `json:"at"`

	messageID string
	direct    bool // it was decided with the event itself, not later
}

// same says whether two commands are the same to those who see them. When exactly
// they leave is left out: pauses are drawn by chance.
func (a *Answer) same(b *Answer) bool {
	if a.Fields == nil || b.Fields == nil {
		return a.messageID == b.messageID
	}
	return a.Type == b.Type && a.Robot == b.Robot && a.Chat == b.Chat && string(a.Fields) == string(b.Fields)
}

// book is what a replay finds.
type book struct {
	robots   *robots
	compare  bool // two sides
	recorded bool // of which the second is what was recorded
	text     bool // what people wrote is wanted

	current   *Origin // of the record in hand
	occasions map[string]*Origin
	runs      map[string]*Origin // that waited before the first event
	touched   []*Origin
	open      map[*Origin]bool // that were looked at, and of which more will come

	answered [2]int // events that led to commands
	commands [2]int
	rules    [2]map[string]*RuleCount
	changes  []Change
}

func newBook(o *Options) *book {
	b := &book{
		robots: newRobots(), compare: o.Against != nil || o.Changed, recorded: o.Changed, text: o.Text,
		occasions: map[string]*Origin{}, runs: map[string]*Origin{}, open: map[*Origin]bool{},
	}
	b.rules = [2]map[string]*RuleCount{{}, {}}
	return b
}

// originOf is that of a record, the same for both sides.
func (b *book) originOf(r *state.Record) *Origin {
	if b.current != nil {
		return b.current
	}
	b.current = b.begin(&r.Event, r.At)
	b.current.Position = r.Position
	return b.current
}

func (b *book) begin(ev *event.Event, at time.Time) *Origin {
	o := &Origin{
		Key: ev.Key(), Kind: ev.Kind, ID: ev.ID, At: at, Robot: ev.Robot.Key,
		Chat: ev.Chat.ID, ChatName: ev.Chat.Name, Sender: cmp.Or(ev.Sender.ID, ev.Friend.ID),
	}
	if b.text {
		o.Text = cmp.Or(ev.Message.Text, ev.Friend.Reason)
	}
	return o
}

// occasion is the origin of one instant of a schedule: both sides may have it.
func (b *book) occasion(ev *event.Event) *Origin {
	key := ev.Key()
	o := b.occasions[key]
	if o == nil {
		o = b.begin(ev, ev.Time)
		b.occasions[key] = o
	}
	return o
}

// earlier is the origin of a run that waited already when the replay began.
func (b *book) earlier(run string) *Origin {
	o := b.runs[run]
	if o == nil {
		o = &Origin{Key: "run/" + run}
		b.runs[run] = o
	}
	return o
}

// answer notes a command.
func (b *book) answer(side int, o *Origin, c *command.Command, now time.Time, direct bool) {
	b.commands[side]++
	b.countOf(side, c.Rule).Commands++
	if len(o.answers[side]) == 0 {
		b.answered[side]++
	}
	o.answers[side] = append(o.answers[side], Answer{
		Rule: c.Rule, Step: c.Step, Type: c.Type, Robot: c.Robot, Chat: c.Chat, Fields: c.Fields, At: now, messageID: c.MessageID, direct: direct,
	})
	b.touch(o)
}

// verdicts counts what became of the rules.
func (b *book) verdicts(side int, verdicts []engine.Verdict) {
	for i := range verdicts {
		switch v := &verdicts[i]; v.Outcome { //nolint:exhaustive // the others did not come near to firing
		case rule.Fired, rule.Shadow, rule.Outside:
			b.countOf(side, v.Rule).Fired++
		case rule.ConditionError:
			b.countOf(side, v.Rule).Errors++
		case rule.OnCooldown, rule.OverLimit, rule.LoopGuard, rule.OnceOnly, rule.TakenOver, rule.Paused, rule.PingPong, rule.ChatFuse, rule.Quarantined, rule.OtherResponder, rule.TooOld, rule.Withheld, rule.Running, rule.BelowThreshold, rule.HopLimit:
			b.countOf(side, v.Rule).Held++
		}
	}
}

func (b *book) countOf(side int, id string) *RuleCount {
	n := b.rules[side][id]
	if n == nil {
		n = &RuleCount{Rule: id}
		b.rules[side][id] = n
	}
	return n
}

// touch has an origin looked at when the record in hand is over.
func (b *book) touch(o *Origin) {
	if !o.touched {
		o.touched = true
		b.touched = append(b.touched, o)
	}
}

// settle compares what nothing more will come of. With all, it compares what is
// still under way, too.
func (b *book) settle(all bool) {
	b.current = nil
	if all {
		for o := range b.open {
			b.touch(o)
		}
	}
	for _, o := range b.touched {
		o.touched = false
		if !all && (o.waiting[0] > 0 || o.waiting[1] > 0) {
			b.open[o] = true
			continue
		}
		delete(b.open, o)
		if b.compare {
			b.changes = append(b.changes, b.diff(o)...)
		}
		o.answers = [2][]Answer{}
	}
	clear(b.touched)
	b.touched = b.touched[:0]
}

// remember notes what was recorded, as the side that the rules are compared to.
func (b *book) remember(item *Item) {
	r := &item.Record
	if r.Event.Kind == event.Result || r.Event.Kind.IsSchedule() {
		return
	}
	for _, id := range r.Commands {
		a := Answer{messageID: id, direct: true, At: r.At}
		if i := slices.IndexFunc(item.Entries, func(e state.Entry) bool { return e.Command.MessageID == id }); i >= 0 {
			c := &item.Entries[i].Command
			if event.IsHeldBack(item.Entries[i].Code) {
				continue // it never left
			}
			a.Rule, a.Step, a.Type, a.Robot, a.Chat, a.Fields = c.Rule, c.Step, c.Type, c.Robot, c.Chat, c.Fields
			if c.Type == rehearsal.TagsType || r.Ours && !fired(r, c.Rule) {
				continue // an errand of the robot; the next command of a run that its own message carried on
			}
		} else {
			a.Rule = firedIn(r)
		}
		o := b.originOf(r)
		if len(o.answers[1]) == 0 {
			b.answered[1]++
		}
		b.commands[1]++
		o.answers[1] = append(o.answers[1], a)
		b.touch(o)
	}
}

// fired says whether the rule fired for the event.
func fired(r *state.Record, id string) bool {
	return slices.ContainsFunc(r.Verdicts, func(v state.RecordedVerdict) bool {
		return v.Rule == id && (v.Outcome == string(rule.Fired) || v.Outcome == string(rule.Outside))
	})
}

// firedIn is the rule that fired, if it is the only one.
func firedIn(r *state.Record) string {
	id := ""
	for _, v := range r.Verdicts {
		if v.Outcome != string(rule.Fired) && v.Outcome != string(rule.Outside) {
			continue
		}
		if id != "" {
			return ""
		}
		id = v.Rule
	}
	return id
}
