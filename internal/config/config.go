// Package config owns the settings of the process: their names, defaults and
// limits, and where secrets come from. It reads botengine.yaml strictly and
// reports everything that is wrong with it at once, each at its place.
//
// It refuses to know what the settings are for: it opens no connection, no
// state file and no rule, and a secret leaves it only as a Secret.
package config

import (
	"time"

	"botengine/internal/diag"
)

// Config is the checked configuration. All paths in it are absolute or relative
// to the working directory, never to the configuration file.
type Config struct {
	Accounts []Account
	Rules    []string // folders and files with rules
	State    State
	Limits   Limits
	CatchUp  CatchUp
	Takeover time.Duration // how long a person's own message silences the robot in a chat; 0 = off
	Guard    Guard
	Fuses    Fuses
	Call     Call                 // what `call` steps may do; nothing by default
	Notify   map[string]StaffChat // the chats that `notify` steps know by a name
	Console  Console
	Metrics  Metrics
	Log      Log
	Lang     diag.Lang // "" = not set: whoever speaks decides
}

// Account is one account of the platform.
type Account struct {
	Name         string
	RestURL      string // without a slash at the end
	SocketURL    string // without a slash at the end; its path is the namespace
	AccessKey    Secret
	AccessSecret Secret
	Protocol     Protocol
	Transport    Transport
	MsgFilter    bool // the platform's own pre-filter
	Reconnect    Reconnect
	Commands     map[string]Command // corrections, by the command's name
	Facts        Facts              // what botengine probe found out
}

// Protocol is the Engine.IO revision spoken with the platform.
type Protocol string

// The protocols. Auto asks with 4 and falls back to 3.
const (
	ProtocolAuto Protocol = "auto"
	Protocol3    Protocol = "3"
	Protocol4    Protocol = "4"
)

// Transport is how the socket is carried. Polling is refused with a finding.
type Transport string

// The transports; both mean websocket now.
const (
	TransportAuto      Transport = "auto"
	TransportWebsocket Transport = "websocket"
)

// Reconnect is how long to wait before connecting again: at least Min, growing
// to Max. Min is never below MinReconnect.
type Reconnect struct {
	Min time.Duration
	Max time.Duration
}

// MinReconnect is the shortest pause before a new connection that the platform
// tolerates.
const MinReconnect = 10 * time.Second

// Command corrects a command whose wire form the platform's document lost
// (§3.13, §3.15, §3.20): its type, and the wire's names of its fields.
type Command struct {
	Type   string
	Fields map[string]string
}

// State is where the engine remembers.
type State struct {
	Path      string
	Journal   Journal
	Ballast   int64 // bytes of a file that is given up to end in order on a full disk; 0 = none
	Snapshots Snapshots
}

// Snapshots are copies of the state that the engine makes for itself, beside it, in
// case it is damaged.
type Snapshots struct {
	Every time.Duration // 0 = none are made
	Keep  int           // how many are kept
}

// Journal is how much of the recorded events is kept: neither longer than Keep
// nor more than MaxSize bytes.
type Journal struct {
	Keep    time.Duration
	MaxSize int64
	Text    string // how much of what people wrote: full, hash or none; "" = there is no journal
}

// Span is a range of durations, both ends included.
type Span struct {
	Min time.Duration
	Max time.Duration
}

// CatchUp says how what was missed is fetched from the chat history: after every
// connection, and now and then.
type CatchUp struct {
	LookBack time.Duration // the oldest that is fetched
	Audit    time.Duration // how often it is looked for what was lost while connected; 0 = never
}

// Console is the operator's page.
type Console struct {
	Listen string // host:port; "" = no console
}

// Log is how the engine logs.
type Log struct {
	Format string // auto, text or json
	Level  string // debug, info, warn or error
	Text   string // how much of what people wrote it shows: none, hash or full
}

// Default returns the settings that hold where the file says nothing. It has no
// account: an account has no default, only DefaultAccount's settings.
func Default() Config {
	return Config{
		Rules: []string{"rules"},
		State: State{
			Path: "data/botengine.db", Journal: Journal{Keep: 7 * 24 * time.Hour, MaxSize: 2 << 30, Text: "full"},
			Ballast: 64 << 20, Snapshots: Snapshots{Every: 6 * time.Hour, Keep: 2},
		},
		Limits:   defaultLimits(),
		Guard:    defaultGuard(),
		Fuses:    defaultFuses(),
		CatchUp:  CatchUp{LookBack: day, Audit: 15 * time.Minute},
		Takeover: 10 * time.Minute,
		Console:  Console{Listen: "127.0.0.1:8787"},
		Log:      Log{Format: "auto", Level: "info", Text: "hash"},
	}
}

// DefaultAccount returns an account with everything set but its name and secrets.
func DefaultAccount() Account {
	return Account{
		RestURL:   "https://www.yjiyun.com",
		SocketURL: "https://chat.yjiyun.com/imchat",
		Protocol:  ProtocolAuto,
		Transport: TransportAuto,
		Reconnect: Reconnect{Min: MinReconnect, Max: time.Minute},
	}
}
