package expression

import (
	"reflect"

	"github.com/expr-lang/expr"

	"botengine/internal/event"
)

// Answer is the message that a waiting step was given, as later steps see it under
// steps.ID. It is plain data: a run keeps it as JSON over every restart.
type Answer struct {
	Text       string `json:"text,omitempty"`
	Type       string `json:"type,omitempty"` // text, image, …
	URL        string `json:"url,omitempty"`
	FileName   string `json:"file_name,omitempty"`
	SvrID      string `json:"svr_id,omitempty"`
	SenderID   string `json:"sender_id,omitempty"`
	SenderName string `json:"sender_name,omitempty"`
	Hit        Hit    `json:"hit,omitzero"` // of the step's match
}

// answerView is a step that waits for a message.
type answerView struct {
	Code     string       `expr:"code"`
	Msg      string       `expr:"msg"`
	OK       bool         `expr:"ok"`
	Text     string       `expr:"text"`
	Type     string       `expr:"type"`
	URL      string       `expr:"url"`
	FileName string       `expr:"file_name"`
	SvrID    string       `expr:"svr_id"`
	Sender   answererView `expr:"sender"`
	Hit      hitView      `expr:"hit"`
}

type answererView struct {
	ID   string `expr:"id"`
	Name string `expr:"name"`
}

// answerCall is the function that reads a step which waits for a message.
const answerCall = hiddenPrefix + "answer"

func answerFunctions() []expr.Option {
	return []expr.Option{expr.Function(answerCall, answer, new(func(*run, string) answerView))}
}

// answer gives a step that waits for a message. Where there is no answer all that
// it says is empty; whether there is one, ok tells.
func answer(p ...any) (any, error) {
	r := p[0].(*run)
	s := r.scope.Steps[p[1].(string)]
	v := answerView{Code: s.Code, Msg: s.Msg, OK: s.OK}
	a := s.Answer
	if a == nil {
		return v, nil
	}
	v.Text, v.Type, v.URL, v.FileName, v.SvrID = a.Text, a.Type, a.URL, a.FileName, a.SvrID
	v.Sender = answererView{ID: a.SenderID, Name: a.SenderName}
	if r.clean {
		v.Sender.Name = cleanName(a.SenderName)
	}
	v.Hit = viewOfHit(a.Hit, nil)
	texts := map[event.TextField]string{"": a.Text, event.FieldText: a.Text, event.FieldFileName: a.FileName}
	if of, known := texts[a.Hit.Field]; known { // an answer keeps no other text
		v.Hit.Span = a.Hit.span(of)
	}
	return v, r.burn(1 + len(a.Text)>>10)
}

// answerType is the type of what a call of answerCall gives.
func answerType(callee string) (reflect.Type, bool) {
	return reflect.TypeFor[answerView](), callee == answerCall
}
