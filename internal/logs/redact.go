package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// hidden is what stands where a secret stood.
const hidden = "***"

// credential finds what looks like a secret beside its name, in addresses, headers,
// JSON and Go's way of printing: "?token=…", "Token:[…]", `"token": "…"`. In prose,
// "get a token: the platform said no", only a long word is taken for one.
var credential = regexp.MustCompile(`(?i)(\b(?:\w+[_-])?\w*(?:token|secret|password|passwd|credential|accesskey|access[_-]key|api[_-]?key)` +
	`(?:\\?["']?\s*=\s*\\?["']?|\\?["']?:\\?["']?|\\?["']\s*:\s*\\?["']))([^\s"'&\\,;})\]]+)` +
	`|(\b(?:access[_-]?)?(?:token|secret|password|credential|key): +)([A-Za-z0-9._~+/=-]{16,})`)

// bearer finds what an Authorization header carries.
var bearer = regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}`)

// userInfo is a name and a password in an address.
var userInfo = regexp.MustCompile(`(://)[^/\s@]+@`)

// shortest is the length of a secret from which on it is looked for by itself: what is
// shorter would be found in the middle of other words.
const shortest = 6

// Redact returns a handler that hides secrets before next sees them: those that are
// given, however they are spelt in an address or in JSON, and whatever looks like one.
// What is a Text is shown as mode says.
func Redact(next slog.Handler, mode Mode, secrets ...string) slog.Handler {
	return &redactor{next: next, mode: mode, known: replacerOf(secrets)}
}

func replacerOf(secrets []string) *strings.Replacer {
	var pairs []string
	for _, s := range secrets {
		if len(s) < shortest {
			continue
		}
		forms := []string{s, url.QueryEscape(s), url.PathEscape(s)}
		if quoted, err := json.Marshal(s); err == nil {
			forms = append(forms, strings.Trim(string(quoted), `"`))
		}
		slices.Sort(forms)
		for _, form := range slices.Compact(forms) {
			pairs = append(pairs, form, hidden)
		}
	}
	return strings.NewReplacer(pairs...)
}

type redactor struct {
	next  slog.Handler
	mode  Mode
	known *strings.Replacer
}

// Enabled implements slog.Handler.
func (r *redactor) Enabled(ctx context.Context, l slog.Level) bool { return r.next.Enabled(ctx, l) }

// Handle implements slog.Handler.
func (r *redactor) Handle(ctx context.Context, rec slog.Record) error {
	out := slog.NewRecord(rec.Time, rec.Level, r.clean(rec.Message), rec.PC)
	rec.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(r.attr(a))
		return true
	})
	return r.next.Handle(ctx, out)
}

// WithAttrs implements slog.Handler.
func (r *redactor) WithAttrs(attrs []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = r.attr(a)
	}
	return &redactor{next: r.next.WithAttrs(clean), mode: r.mode, known: r.known}
}

// WithGroup implements slog.Handler.
func (r *redactor) WithGroup(name string) slog.Handler {
	return &redactor{next: r.next.WithGroup(name), mode: r.mode, known: r.known}
}

func (r *redactor) attr(a slog.Attr) slog.Attr {
	return slog.Attr{Key: a.Key, Value: r.value(a.Key, a.Value)}
}

func (r *redactor) value(key string, v slog.Value) slog.Value {
	if t, ok := v.Any().(Text); ok {
		return slog.StringValue(r.clean(t.shown(r.mode)))
	}
	v = v.Resolve()
	switch v.Kind() {
	case slog.KindString:
		if secretName.MatchString(key) {
			return slog.StringValue(hidden)
		}
		return slog.StringValue(r.clean(v.String()))
	case slog.KindGroup:
		group := v.Group()
		out := make([]slog.Attr, len(group))
		for i, a := range group {
			out[i] = r.attr(a)
		}
		return slog.GroupValue(out...)
	case slog.KindAny:
		return r.anything(key, v)
	default:
		return v
	}
}

// secretName is the name of an attribute that must be a secret, whatever it looks like.
var secretName = regexp.MustCompile(`(?i)^(access_?|client_?|api_?)?(token|secret|password|credential|access_?key|api_?key)$`)

// anything makes a text of what could print in any way, so that it can be looked
// through; what cannot hold a text stays.
func (r *redactor) anything(key string, v slog.Value) slog.Value {
	switch x := v.Any().(type) {
	case nil:
		return v
	case error:
		return slog.StringValue(r.clean(x.Error()))
	case fmt.Stringer:
		return r.value(key, slog.StringValue(x.String()))
	case []byte:
		return r.value(key, slog.StringValue(string(x)))
	default:
		text := fmt.Sprintf("%+v", x)
		if clean := r.clean(text); clean != text || secretName.MatchString(key) {
			return slog.StringValue(clean)
		}
		return v
	}
}

// clean hides what is known to be a secret, and what looks like one.
func (r *redactor) clean(s string) string {
	s = r.known.Replace(s)
	if !strings.ContainsAny(s, ":=") && !strings.Contains(s, " ") {
		return s // not even one word beside another
	}
	s = credential.ReplaceAllString(s, "${1}${3}"+hidden)
	s = bearer.ReplaceAllString(s, "${1} "+hidden)
	return userInfo.ReplaceAllString(s, "${1}"+hidden+"@")
}
