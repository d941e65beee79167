package ctl

import (
	"encoding/json"
	"fmt"
	"path/filepath"
)

// Name is the file name of the socket.
const Name = "botengine.sock"

// SocketOf returns where the socket of the engine with that state file is.
func SocketOf(stateFile string) string { return filepath.Join(filepath.Dir(stateFile), Name) }

// The bounds of a conversation.
const (
	maxParams = 4 << 20  // bytes of a call's parameters
	maxAnswer = 64 << 20 // bytes of an answer, or of one item of a stream
)

// Error is a no of the engine, for people and for scripts. A handler that returns
// one says it as it is.
type Error struct {
	Code string `json:"code"` // stable, English, such as "unknown_verb"
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

// Error is the English text.
func (e *Error) Error() string { return e.EN }

// The codes of the line itself.
const (
	CodeUnknownVerb = "unknown_verb" // the engine knows no such verb: it is another version
	CodeTooLarge    = "too_large"    // the parameters are too large
	CodeBadParams   = "bad_params"   // the parameters are not what the verb takes
	CodeTimeout     = "timeout"      // the engine took too long
	CodeStopping    = "stopping"     // the engine ends
	CodeBusy        = "busy"         // too many streams are open
	CodeInternal    = "internal"     // a bug
	CodeFailed      = "failed"       // any other error of a handler
)

// BadParams says that parameters are not what a verb takes.
func BadParams(err error) *Error {
	return &Error{CodeBadParams, fmt.Sprintf("参数不对：%v", err), fmt.Sprintf("bad parameters: %v", err)}
}

// Params decodes the parameters of a call; none leave the zero value. Unknown keys
// are an error, of type *Error: a typo, or a newer client.
func Params[T any](raw json.RawMessage) (T, error) {
	var params T
	if len(raw) == 0 {
		return params, nil
	}
	if err := strict(raw, &params); err != nil {
		return params, BadParams(err)
	}
	return params, nil
}

// item is one line of a stream: what it carries, or why it ended.
type item struct {
	Item  json.RawMessage `json:"item,omitempty"`
	Error *Error          `json:"error,omitempty"`
}
